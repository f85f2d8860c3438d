import { withDeadline } from '@garam/runtime/deadline';
import { retryUntilDone } from '@garam/runtime/retry';
import type { Clock } from '@garam/runtime/clock';
import type { BrokerConnection } from '../cluster/open-connection.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { END, listOffsets } from '../read/partition-offsets.ts';
import { alterTopicsExchange } from '../wire/alter-topics-exchange.ts';
import { errorName, KafkaError, refusal } from '../wire/kafka-error.ts';
import { topicSettings, type Replication } from './topic-settings.ts';

const LANE = 'admin';
const TOPIC_RESOURCE = 2;
const CREATE_TIMEOUT_MS = 5_000;

export interface TopicPlan extends Replication {
  /** The same for all topics; fixed for their life. */
  partitions: number;
}

/** Creates the topics that are not there. @throws KafkaError */
export async function createTopics(cluster: Cluster, topics: readonly string[], plan: TopicPlan): Promise<void> {
  if (topics.length === 0) return;
  const connection = await cluster.any(LANE);
  type Answer = { topicErrors: { topic: string; errorCode: number; errorMessage: string | null }[] };
  const answer = await connection.call<Answer>('CreateTopics', {
    timeout: CREATE_TIMEOUT_MS,
    topics: topics.map((topic) => ({
      topic,
      numPartitions: plan.partitions,
      replicationFactor: plan.replicationFactor,
      configEntries: Object.entries(topicSettings(topic, plan)).map(([name, value]) => ({ name, value })),
    })),
  });
  for (const { topic, errorCode, errorMessage } of answer.topicErrors) {
    const name = errorName(errorCode);
    // Another process may have been faster.
    if (name === undefined || name === 'TOPIC_ALREADY_EXISTS') continue;
    throw new KafkaError('refused', `creating ${topic}: ${name} ${errorMessage ?? ''}`, { code: name });
  }
}

const SERVING_TIMEOUT_MS = 10_000;
const SERVING_BACKOFF = { baseMs: 20, maxMs: 500 };

/**
 * Waits until new topics can be written: brokers name a partition's leader a moment before that leader takes office, and
 * an append in between would end as unknown. @throws KafkaError
 */
export async function awaitServing(cluster: Cluster, topics: readonly string[], clock: Clock): Promise<void> {
  if (topics.length === 0) return;
  const abort = new AbortController();
  const ask = async () => {
    await cluster.refresh(topics);
    const partitions = topics.flatMap((topic) =>
      (cluster.topic(topic)?.partitions ?? []).map(({ partition }) => ({ topic, partition })),
    );
    const offsets = await listOffsets(cluster, LANE, partitions, END);
    if (offsets.size === 0) throw new KafkaError('not_sent', `${topics.join(', ')} not known yet`);
  };
  const options = { clock, backoff: SERVING_BACKOFF, signal: abort.signal, onFailure: () => undefined };
  const late = () => new KafkaError('not_sent', `${topics.join(', ')} not served within ${SERVING_TIMEOUT_MS} ms`);
  try {
    await withDeadline(retryUntilDone(ask, options), SERVING_TIMEOUT_MS, clock, late);
  } finally {
    abort.abort();
  }
}

/** The settings of topics by name. @throws KafkaError */
export async function readSettings(
  cluster: Cluster,
  topics: readonly string[],
): Promise<Map<string, Record<string, string>>> {
  const connection: BrokerConnection = await cluster.any(LANE);
  type Answer = {
    resources: {
      errorCode: number;
      resourceName: string;
      configEntries: { configName: string; configValue: string }[];
    }[];
  };
  const answer = await connection.call<Answer>('DescribeConfigs', {
    resources: topics.map((name) => ({ type: TOPIC_RESOURCE, name })),
  });
  const found = new Map<string, Record<string, string>>();
  for (const { errorCode, resourceName, configEntries } of answer.resources) {
    const name = errorName(errorCode);
    if (name !== undefined) throw refusal(name, `settings of ${resourceName}`);
    const entries = configEntries.map(({ configName, configValue }) => [configName, configValue]);
    found.set(resourceName, Object.fromEntries(entries) as Record<string, string>);
  }
  return found;
}

/** Sets what is named; other settings stay. @throws KafkaError */
export async function alterSettings(
  cluster: Cluster,
  settings: ReadonlyMap<string, Readonly<Record<string, string>>>,
): Promise<void> {
  if (settings.size === 0) return;
  const connection = await cluster.any(LANE);
  for (const { topic, errorCode, message } of await connection.send(alterTopicsExchange(settings))) {
    const name = errorName(errorCode);
    if (name !== undefined) throw new KafkaError('refused', `settings of ${topic}: ${name} ${message}`, { code: name });
  }
}
