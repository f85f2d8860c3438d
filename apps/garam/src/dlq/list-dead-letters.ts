import type { EventLog } from '@garam/eventlog/event-log';
import type { Patiently } from '../patience.ts';
import type { DeadLetterTopic } from './dead-letter-topics.ts';
import { readDeadLetters } from './read-dead-letters.ts';
import { REPLAY_GROUP } from './replay-dead-letters.ts';

/** Of a partition; what lies further is not looked at. */
const READ_MAX = 10_000;

/** A line for every partition with dead letters: how many, how many of them not replayed yet, since when, and why. */
export async function listDeadLetters(
  log: EventLog,
  topics: readonly DeadLetterTopic[],
  patiently: Patiently,
): Promise<string[]> {
  const lines: string[] = [];
  for (const { name } of topics) {
    for (let partition = 0; partition < log.partitions; partition++) {
      const seen = await look(log, { topic: name, partition }, patiently);
      if (seen.count > 0) lines.push(`${name} --partition ${partition}: ${describe(seen)}`);
    }
  }
  return lines;
}

interface Seen {
  count: number;
  /** Not replayed yet. */
  left: number;
  oldest: number;
  newest: number;
  reasons: Map<string, number>;
}

async function look(
  log: EventLog,
  { topic, partition }: { topic: string; partition: number },
  patiently: Patiently,
): Promise<Seen> {
  const replayed = await patiently('asking for positions', () => log.committed(REPLAY_GROUP, topic, partition));
  const seen: Seen = { count: 0, left: 0, oldest: 0, newest: 0, reasons: new Map() };
  for await (const { record, reason } of readDeadLetters(log, { topic, partition, offset: 0 }, patiently)) {
    if (++seen.count === 1) seen.oldest = record.timestamp;
    if (record.offset >= replayed) seen.left++;
    seen.newest = record.timestamp;
    seen.reasons.set(reason, (seen.reasons.get(reason) ?? 0) + 1);
    if (seen.count === READ_MAX) break;
  }
  return seen;
}

function describe(seen: Seen): string {
  const reasons = [...seen.reasons].map(([reason, count]) => `${reason} (${count})`).join(', ');
  const count = seen.count === READ_MAX ? `${READ_MAX} or more` : String(seen.count);
  return `${count}, ${seen.left} not replayed, ${span(seen)}: ${reasons}`;
}

function span({ oldest, newest }: { oldest: number; newest: number }): string {
  return `${new Date(oldest).toISOString()} to ${new Date(newest).toISOString()}`;
}
