import { partitionOf } from '@garam/contracts/partition-of';
import { TOPICS } from '@garam/contracts/topics';
import type { EventLog } from '@garam/eventlog/event-log';
import type { Clock } from '@garam/runtime/clock';
import type { Patiently } from '../patience.ts';
import { setPositions } from '../set-positions.ts';
import type { DeadLetterTopic } from './dead-letter-topics.ts';
import { readDeadLetters, type DeadLetter } from './read-dead-letters.ts';

/** Its positions tell which dead letters were replayed with `--all`. */
export const REPLAY_GROUP = 'dlq-replay';

export interface ReplayDeps {
  log: EventLog;
  clock: Clock;
  patiently: Patiently;
  say(line: string): void;
}

/** Replays one dead letter, whether it was before or not. False: there is none. */
export async function replayOne(
  deps: ReplayDeps,
  { name, partition, offset }: { name: string; partition: number; offset: number },
): Promise<boolean> {
  for await (const letter of readDeadLetters(deps.log, { topic: name, partition, offset }, deps.patiently)) {
    if (letter.record.offset !== offset) return false;
    await replay(deps, letter);
    return true;
  }
  return false;
}

/**
 * Replays what was not replayed yet, oldest first, at most `max`, and remembers how far it came. When it is interrupted some
 * may be replayed twice: consumers are used to that.
 */
export async function replayAll(deps: ReplayDeps, topics: readonly DeadLetterTopic[], max: number): Promise<number> {
  const { log, clock, patiently } = deps;
  let count = 0;
  for (const { name } of topics) {
    const positions: number[] = [];
    for (let partition = 0; partition < log.partitions; partition++) {
      const replayed = await replayPartition(deps, { topic: name, partition }, max - count);
      positions.push(replayed.position);
      count += replayed.count;
    }
    await setPositions(log, { group: REPLAY_GROUP, topic: name, positions, clock, patiently });
  }
  return count;
}

async function replayPartition(
  deps: ReplayDeps,
  { topic, partition }: { topic: string; partition: number },
  max: number,
): Promise<{ count: number; position: number }> {
  const { log, patiently } = deps;
  let position = await patiently('asking for positions', () => log.committed(REPLAY_GROUP, topic, partition));
  let count = 0;
  for await (const letter of readDeadLetters(log, { topic, partition, offset: position }, patiently)) {
    if (count === max) break;
    await replay(deps, letter);
    position = letter.record.offset + 1;
    count++;
  }
  return { count, position };
}

/** Appends the very bytes to the end of the topic they came from. */
async function replay({ log, patiently, say }: ReplayDeps, { record, from }: DeadLetter): Promise<void> {
  const at = `${record.topic} --partition ${record.partition} --offset ${record.offset}`;
  if (from.topic === '') throw new Error(`${at}: its headers do not tell where it came from`);
  const partition = partitionFor(record.key, from, log.partitions);
  const headers = Object.fromEntries(Object.entries(record.headers).filter(([name]) => !name.startsWith('garam-dlq-')));
  const { key, value } = record;
  const { offset } = await patiently('appending', () => log.append(from.topic, { partition, key, value, headers }));
  say(`${at} → ${from.topic}/${partition} offset ${offset}`);
}

/** A chat's records belong in the chat's partition, also those that were found in a wrong one. */
function partitionFor(key: string, from: DeadLetter['from'], partitions: number): number {
  const isOurs = (Object.values(TOPICS) as string[]).includes(from.topic);
  return isOurs && key !== '' ? partitionOf(key, partitions) : from.partition;
}
