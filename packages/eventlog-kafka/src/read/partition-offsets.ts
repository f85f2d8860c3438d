import type { Cluster } from '../cluster/cluster.ts';
import { errorName, KafkaError, refusal, STALE_LEADER } from '../wire/kafka-error.ts';

export interface PartitionRef {
  topic: string;
  partition: number;
}

/** Special timestamps of the protocol. */
export const OLDEST = -2;
export const END = -1;

/**
 * The offset of the first record not older than `timestamp` (ms) for each of the partitions; −1 where there is none.
 * `OLDEST` gives the oldest offset there is, `END` the offset the next record will get.
 * @throws KafkaError when one of them cannot be found out
 */
export async function listOffsets(
  cluster: Cluster,
  lane: string,
  partitions: readonly PartitionRef[],
  timestamp: number,
): Promise<Map<string, number>> {
  const unknown = partitions.filter(({ topic, partition }) => cluster.leader(topic, partition) === undefined);
  if (unknown.length > 0) await cluster.refresh([...new Set(unknown.map(({ topic }) => topic))]);
  const byLeader = Map.groupBy(partitions, ({ topic, partition }) => leaderOf(cluster, topic, partition));
  const found = new Map<string, number>();
  const asked = [...byLeader].map(async ([node, ofNode]) => {
    const connection = await cluster.connect(node, lane);
    const byTopic = Map.groupBy(ofNode, ({ topic }) => topic);
    const topics = [...byTopic].map(([topic, ofTopic]) => ({
      topic,
      partitions: ofTopic.map(({ partition }) => ({ partition, timestamp })),
    }));
    const answer = await connection.call<ListedOffsets>('ListOffsets', { isolationLevel: 0, topics });
    for (const { topic, partitions: listed } of answer.responses) {
      for (const { partition, errorCode, offset } of listed) {
        const name = errorName(errorCode);
        if (name !== undefined) throw refusal(name, `the offset of ${topic}/${partition}`);
        found.set(`${topic}/${partition}`, Number(offset));
      }
    }
  });
  try {
    await Promise.all(asked);
  } catch (error) {
    if (error instanceof KafkaError && (error.code === undefined || STALE_LEADER.has(error.code))) {
      void cluster.refresh([...new Set(partitions.map(({ topic }) => topic))]).catch(() => undefined);
    }
    throw error;
  }
  return found;
}

interface ListedOffsets {
  responses: {
    topic: string;
    partitions: { partition: number; errorCode: number; offset: string }[];
  }[];
}

function leaderOf(cluster: Cluster, topic: string, partition: number): number {
  const leader = cluster.leader(topic, partition);
  if (leader === undefined) throw new KafkaError('not_sent', `no leader for ${topic}/${partition}`);
  return leader;
}
