import { TOPICS } from '@garam/contracts/topics';
import type { Clock } from '@garam/runtime/clock';
import { Cluster } from '../cluster/cluster.ts';
import type { KafkaOptions } from '../kafka-options.ts';
import { alterSettings, awaitServing, createTopics, readSettings, type TopicPlan } from './topic-admin.ts';
import { topicSettings } from './topic-settings.ts';

export interface ProvisionOptions extends KafkaOptions, TopicPlan {
  /** Default: the topics of the log. */
  topics?: readonly string[];
}

/** What a topic is and should be. Partitions and copies are only told: changing them is work for people. */
export interface TopicDifference {
  topic: string;
  setting: string;
  is: string;
  shouldBe: string;
}

export interface Provisioned {
  created: string[];
  /** Settings that were brought into line. */
  changed: TopicDifference[];
  /** Differences that remain. */
  differing: TopicDifference[];
}

/**
 * Makes the topics as they should be: creates those that are missing and sets settings that differ. Safe to run again,
 * and from several places at once. Partitions and replication of existing topics are never touched.
 * @throws KafkaError
 */
export async function provisionTopics(options: ProvisionOptions): Promise<Provisioned> {
  const cluster = new Cluster(options);
  try {
    const topics = options.topics ?? Object.values(TOPICS);
    return await provision(cluster, topics, { plan: options, isAltering: true, clock: options.clock });
  } finally {
    cluster.close();
  }
}

/**
 * The same on an open cluster. Without `isAltering` existing topics stay as they are: what differs is only told. That is
 * what a starting process does, which may be older or newer than the one that set them.
 */
export async function provision(
  cluster: Cluster,
  topics: readonly string[],
  { plan, isAltering, clock }: { plan: TopicPlan; isAltering: boolean; clock: Clock },
): Promise<Provisioned> {
  await cluster.refresh(topics);
  const missing = topics.filter((topic) => cluster.topic(topic) === undefined);
  await createTopics(cluster, missing, plan);
  await awaitServing(cluster, missing, clock);
  const existing = topics.filter((topic) => !missing.includes(topic));
  const outOfLine = existing.length === 0 ? [] : differences(await readSettings(cluster, existing), plan);
  const shape = shapeDifferences(cluster, existing, plan);
  if (!isAltering) return { created: missing, changed: [], differing: [...outOfLine, ...shape] };
  const byTopic = Map.groupBy(outOfLine, ({ topic }) => topic);
  const wanted = [...byTopic].map(([topic, ofTopic]): [string, Record<string, string>] => [
    topic,
    Object.fromEntries(ofTopic.map(({ setting, shouldBe }) => [setting, shouldBe])),
  ]);
  await alterSettings(cluster, new Map(wanted));
  return { created: missing, changed: outOfLine, differing: shape };
}

function differences(settings: ReadonlyMap<string, Record<string, string>>, plan: TopicPlan): TopicDifference[] {
  return [...settings].flatMap(([topic, has]) =>
    Object.entries(topicSettings(topic, plan))
      .filter(([setting, shouldBe]) => has[setting] !== shouldBe)
      .map(([setting, shouldBe]) => ({ topic, setting, is: has[setting] ?? '', shouldBe })),
  );
}

function shapeDifferences(cluster: Cluster, topics: readonly string[], plan: TopicPlan): TopicDifference[] {
  return topics.flatMap((topic) => {
    const partitions = cluster.topic(topic)?.partitions ?? [];
    const copies = Math.min(...partitions.map(({ replicas }) => replicas.length));
    return [
      { topic, setting: 'partitions', is: String(partitions.length), shouldBe: String(plan.partitions) },
      { topic, setting: 'replication factor', is: String(copies), shouldBe: String(plan.replicationFactor) },
    ].filter(({ is, shouldBe }) => is !== shouldBe);
  });
}
