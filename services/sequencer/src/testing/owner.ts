import { TOPICS } from '@garam/contracts/topics';
import type { Assignment, EventLog, LogRecord } from '@garam/eventlog/event-log';
import type { SequencerStore } from '@garam/store/sequencer-store';
import { quietLogger } from '@garam/telemetry/logger';
import { noopMeter } from '@garam/telemetry/meter';
import { createSequencerMetrics } from '../metrics.ts';
import { createPartitionLoop } from '../partition-loop.ts';
import type { SequencerOptions } from '../sequencer.ts';
import { sequencerParts, type SequencerParts } from '../sequencer-parts.ts';
import { createFaults, type Faults } from './faults.ts';
import type { World } from './world.ts';

export const testOptions: SequencerOptions = {
  flushIntervalMs: 500,
  dirtyChatsMax: 1_000,
  backlogMax: 1_000,
  parkedMax: 1_000,
  unsavedCommandsMax: 1_000,
  memoryRowsMax: 10_000,
  batchRecordsMax: 1_000,
  batchBytesMax: 500_000,
  backoff: { baseMs: 10, maxMs: 100 },
  startTimeoutMs: 1_000,
};

/** Between slices: a flush begins while later commands are decided already. */
const SLICE_MS = 300;

/** One assignment of the world's partition, with its loop. */
export interface Owner {
  /** Hands over the records below `endOffset` it has not had, `size` at a time, with some time after each. */
  run(size?: number, endOffset?: number): Promise<void>;
  handle(records: readonly LogRecord[]): Promise<void>;
  /** Resolves when the loop would take more. */
  taken(): Promise<void>;
  trouble(): string | undefined;
  drain(): Promise<void>;
  /** Takes the partition away. */
  end(): void;
  readonly faults: Faults;
}

export interface OwnerOptions {
  faults?: Faults;
  parts?: Partial<SequencerParts>;
  options?: Partial<SequencerOptions>;
  /** Where it starts; the committed position by default. */
  start?: number;
  /** Around the store, to hold calls back. */
  store?: SequencerStore;
  log?: EventLog;
}

export function startOwner(world: World, given: OwnerOptions = {}): Owner {
  const faults = given.faults ?? createFaults();
  const abort = new AbortController();
  let taken: Promise<void> = Promise.resolve();
  let next = given.start ?? world.committed;
  const assignment: Assignment = {
    topic: TOPICS.commands,
    partition: 0,
    start: next,
    signal: abort.signal,
    commit: (position) =>
      faults.step('commit', async () => {
        world.committed = position;
      }),
  };
  const work = createPartitionLoop(
    {
      log: faultyLog(given.log ?? world.log, faults),
      store: faultyStore(given.store ?? world.store.sequencer, faults),
      clock: world.clock,
      logger: quietLogger,
      metrics: createSequencerMetrics(noopMeter),
    },
    assignment,
    { ...testOptions, ...given.options },
    { ...sequencerParts, ...given.parts },
  );
  const handle = async (records: readonly LogRecord[]): Promise<void> => {
    if (records.length === 0) return;
    next = records.at(-1)!.offset + 1;
    taken = work.handle(records);
    await world.clock.settle();
  };
  return {
    faults,
    handle,
    taken: () => taken,
    trouble: () => work.trouble(),
    drain: () => work.drain(),
    end: () => abort.abort(),
    async run(size = 1_000, endOffset = Infinity) {
      for (;;) {
        const records = (await world.commands())
          .filter(({ offset }) => offset >= next && offset < endOffset)
          .slice(0, size);
        if (records.length === 0 || faults.isDead) break;
        await handle(records);
        await world.clock.advance(SLICE_MS);
      }
      await world.clock.advance(2 * testOptions.flushIntervalMs);
    },
  };
}

function faultyLog(log: EventLog, faults: Faults): EventLog {
  return {
    ...log,
    appendBatch: (topic, partition, records) =>
      faults.step(`append ${topic}`, () => log.appendBatch(topic, partition, records)),
    end: (topic, partition) => faults.step('end', () => log.end(topic, partition)),
  };
}

function faultyStore(store: SequencerStore, faults: Faults): SequencerStore {
  return {
    loadChat: (chat) => faults.step('load chat', () => store.loadChat(chat)),
    loadMembers: (chat, users) => faults.step('load members', () => store.loadMembers(chat, users)),
    loadSent: (chat, actor, clientId) => faults.step('load sent', () => store.loadSent(chat, actor, clientId)),
    saveSent: (rows) => faults.step('save sent', () => store.saveSent(rows)),
    saveMembers: (rows) => faults.step('save members', () => store.saveMembers(rows)),
    saveChats: (rows) => faults.step('save chats', () => store.saveChats(rows)),
  };
}
