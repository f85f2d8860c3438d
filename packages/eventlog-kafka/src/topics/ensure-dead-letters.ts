import type { Clock } from '@garam/runtime/clock';
import type { Cluster } from '../cluster/cluster.ts';
import { awaitServing, createTopics } from './topic-admin.ts';
import { isDeadLetterTopic, type Replication } from './topic-settings.ts';

/** −1: as many copies as the brokers give by default. */
const AS_THE_BROKERS_SAY: Replication = { replicationFactor: -1, inSyncMin: 1 };

/** Creates those of the topics that are dead-letter topics; the others are for provisioning. @throws KafkaError */
export async function ensureDeadLetters(
  cluster: Cluster,
  topics: readonly string[],
  { clock, ...plan }: { clock: Clock; partitions: number } & Partial<Replication>,
): Promise<void> {
  const missing = topics.filter(isDeadLetterTopic);
  await createTopics(cluster, missing, { ...AS_THE_BROKERS_SAY, ...plan });
  await awaitServing(cluster, missing, clock);
}
