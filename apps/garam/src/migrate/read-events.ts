import { decodeEvent } from '@garam/contracts/event-codec';
import type { EventRecord } from '@garam/contracts/event-record';
import { partitionOf } from '@garam/contracts/partition-of';
import { TOPICS } from '@garam/contracts/topics';
import type { EventLog, LogRecord } from '@garam/eventlog/event-log';
import { EventTally } from './event-tally.ts';
import type { Step } from './migration.ts';
import type { Patiently } from '../patience.ts';

const RECORDS_AT_ONCE = 500;

export interface ReadEvent {
  event: EventRecord;
  record: LogRecord;
}

/** Events of a log, partition after partition. Records that are no events are left out, and counted. */
export async function* readEvents(
  log: EventLog,
  patiently: Patiently,
  undecodable: (count: number) => void = () => undefined,
): AsyncGenerator<ReadEvent[]> {
  for (let partition = 0; partition < log.partitions; partition++) {
    const end = await patiently('reading the end of the events', () => log.end(TOPICS.events, partition));
    for (let offset = 0; offset < end;) {
      const from = offset;
      const records = await patiently('reading events', () =>
        log.read(TOPICS.events, partition, from, RECORDS_AT_ONCE),
      );
      if (records.length === 0) break;
      const events = records.flatMap((record) => {
        const event = decodeEvent(record.value);
        return event === null ? [] : [{ event, record }];
      });
      undecodable(records.length - events.length);
      yield events;
      offset = records.at(-1)!.offset + 1;
    }
  }
}

export async function countEvents(log: EventLog): Promise<number> {
  let count = 0;
  for (let partition = 0; partition < log.partitions; partition++) count += await log.end(TOPICS.events, partition);
  return count;
}

/** What a log holds. @throws Error events are missing, or in another partition than the chat's */
export async function tallyEvents(
  log: EventLog,
  { where, patiently, step }: { where: string; patiently: Patiently; step?: Step },
): Promise<EventTally> {
  const tally = new EventTally(where);
  for await (const events of readEvents(log, patiently)) {
    for (const { event, record } of events) {
      if (partitionOf(event.chat, log.partitions) !== record.partition)
        throw new Error(`${where}: an event of chat ${event.chat} is in partition ${record.partition}`);
      tally.fold(event, record.value);
    }
    step?.add(events.length);
  }
  return tally;
}
