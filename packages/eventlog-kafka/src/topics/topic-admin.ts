import type { BrokerConnection } from '../cluster/open-connection.ts';
import type { Cluster } from '../cluster/cluster.ts';
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
