import { partitionOf } from '@garam/contracts/partition-of';
import { TOPICS } from '@garam/contracts/topics';
import type { NewRecord } from '@garam/eventlog/event-log';
import { persistBatch, persistPhases } from '@garam/service-persister/persist-batch';
import { EventTally } from './event-tally.ts';
import type { Migration } from './migration.ts';
import { countEvents, readEvents, tallyEvents, type ReadEvent } from './read-events.ts';

export interface CopiedEvents {
  tally: EventTally;
  /** Events this run has appended; others were there from an interrupted one. */
  appended: number;
  /** Records of the topic that are no events, and stay behind. */
  undecodable: number;
}

/** Of one append: far below what brokers take in one request. */
const APPEND_BYTES_MAX = 512 * 1024;
const APPEND_RECORDS_MAX = 1_000;

/**
 * Brings every event into the new log, the very bytes, each rev once and in rev order, and projects them onto the new
 * store's views as the persister does. Repeatable: events that are there are not appended again, rows are the same rows.
 */
export async function copyEvents(migration: Migration): Promise<CopiedEvents> {
  const { source, target, patiently, progress } = migration;
  const there = await tallyEvents(target.log, { where: 'the new log', patiently });
  const step = progress.step('events', await countEvents(source.log));
  const copied: CopiedEvents = { tally: new EventTally('the old log'), appended: 0, undecodable: 0 };
  const undecodable = (count: number) => void (copied.undecodable += count);
  for await (const read of readEvents(source.log, patiently, undecodable)) {
    const fresh = read.filter(({ event, record }) => copied.tally.fold(event, record.value));
    const missing = fresh.filter(({ event }) => event.rev > there.revOf(event.chat));
    const events = fresh.map(({ event }) => event);
    await Promise.all([
      appendAll(migration, missing),
      patiently('writing views', () => persistBatch(target.store.writes, events, persistPhases)),
    ]);
    copied.appended += missing.length;
    step.add(read.length);
  }
  step.done();
  return copied;
}

async function appendAll({ target, patiently }: Migration, events: readonly ReadEvent[]): Promise<void> {
  const { log } = target;
  const byPartition = Map.groupBy(events, ({ event }) => partitionOf(event.chat, log.partitions));
  const appends = [...byPartition].map(async ([partition, own]) => {
    const records = own.map(({ record: { key, value, headers } }) => ({ partition, key, value, headers }));
    for (const batch of batchesOf(records))
      await patiently('appending events', () => log.appendBatch(TOPICS.events, partition, batch));
  });
  await Promise.all(appends);
}

function batchesOf(records: readonly NewRecord[]): NewRecord[][] {
  const batches: NewRecord[][] = [];
  let bytes = 0;
  for (const record of records) {
    bytes += record.value.length;
    const last = batches.at(-1);
    if (last !== undefined && bytes <= APPEND_BYTES_MAX && last.length < APPEND_RECORDS_MAX) last.push(record);
    else {
      batches.push([record]);
      bytes = record.value.length;
    }
  }
  return batches;
}
