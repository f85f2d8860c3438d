import type { KafkaReader, Offsets } from './kafka-reader.ts';

/** Every consumer group and what it reads, as documented. */
const CONSUMED = [
  { group: 'sequencer', topic: 'garam.chat.commands.v1' },
  { group: 'persister', topic: 'garam.chat.events.v1' },
  { group: 'fanout', topic: 'garam.chat.events.v1' },
  { group: 'fanout', topic: 'garam.chat.replies.v1' },
  { group: 'receipts', topic: 'garam.chat.receipts.v1' },
];

/** Where each topic ends now. */
export async function topicEnds(reader: KafkaReader): Promise<Map<string, Offsets>> {
  const topics = [...new Set(CONSUMED.map(({ topic }) => topic))];
  return new Map(await Promise.all(topics.map(async (topic) => [topic, await reader.ends(topic)] as const)));
}

/** What the groups have not committed of what is below these ends, one line for each group and topic that lags. */
export async function lagsBelow(reader: KafkaReader, ends: ReadonlyMap<string, Offsets>): Promise<string[]> {
  const lines = await Promise.all(
    CONSUMED.map(async ({ group, topic }) => {
      const committed = await reader.committed(group, topic);
      let lag = 0n;
      for (const [partition, end] of ends.get(topic)!) {
        const missing = end - (committed.get(partition) ?? 0n);
        if (missing > 0n) lag += missing;
      }
      return lag > 0n ? `${group} is ${lag} records behind in ${topic}` : null;
    }),
  );
  return lines.filter((line) => line !== null);
}
