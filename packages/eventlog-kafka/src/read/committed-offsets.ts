import type { BrokerConnection } from '../cluster/open-connection.ts';
import { errorName, refusal } from '../wire/kafka-error.ts';
import type { PartitionRef } from './partition-offsets.ts';

interface FetchedOffsets {
  errorCode: number;
  responses: { topic: string; partitions: { partition: number; offset: string; errorCode: number }[] }[];
}

/** Committed positions of a group by `topic/partition`; −1 where there is none. Asked of the group's coordinator. */
export async function committedOffsets(
  coordinator: BrokerConnection,
  group: string,
  partitions: readonly PartitionRef[],
): Promise<Map<string, number>> {
  const byTopic = Map.groupBy(partitions, ({ topic }) => topic);
  const topics = [...byTopic].map(([topic, ofTopic]) => ({
    topic,
    partitions: ofTopic.map(({ partition }) => ({ partition })),
  }));
  const answer = await coordinator.call<FetchedOffsets>('OffsetFetch', { groupId: group, topics });
  const failed = errorName(answer.errorCode);
  if (failed !== undefined) throw refusal(failed, `positions of ${group}`);
  const found = new Map<string, number>();
  for (const { topic, partitions: fetched } of answer.responses) {
    for (const { partition, offset, errorCode } of fetched) {
      const name = errorName(errorCode);
      if (name !== undefined) throw refusal(name, `position of ${group} in ${topic}/${partition}`);
      found.set(`${topic}/${partition}`, Number(offset));
    }
  }
  return found;
}
