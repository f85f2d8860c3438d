import { decodeCommand } from '@garam/contracts/command-codec';
import { deadLetterTopic, GROUPS, TOPICS } from '@garam/contracts/topics';
import { toDeadLetter } from '@garam/eventlog/dead-letter';
import type { Assignment, EventLog, LogRecord } from '@garam/eventlog/event-log';
import type { Clock } from '@garam/runtime/clock';
import { untilAborted } from '@garam/service/batch-work';
import { createBlockingRetry } from '@garam/service/blocking-retry';
import type { PartitionWork } from '@garam/service/consumer-service';
import type { SequencerStore } from '@garam/store/sequencer-store';
import type { Logger } from '@garam/telemetry/logger';
import { createChatDecider } from './chat-decider.ts';
import type { ChatMemory } from './chat-memory.ts';
import { createChatTable } from './chat-table.ts';
import { createEviction } from './evict-chats.ts';
import { createFlushTimer } from './flush-timer.ts';
import type { SequencerMetrics } from './metrics.ts';
import type { SequencerOptions } from './sequencer.ts';
import type { SequencerParts } from './sequencer-parts.ts';
import { createStop } from './stop-partition.ts';
import { createTally } from './tally.ts';
import { createRoom } from './wait-for-room.ts';

export interface PartitionLoopDeps {
  log: EventLog;
  store: SequencerStore;
  clock: Clock;
  logger: Logger;
  metrics: SequencerMetrics;
}

/**
 * Owns one partition of commands for one assignment. All memory is in here: another assignment of the same partition,
 * in this process or elsewhere, starts from the store and decides the same.
 *
 *   records → decode → (chat not in memory, or rows missing: parked, read, then) decide → outbox → acknowledged
 *   every flush interval: acknowledged states → sent entries and members → states → position
 *
 * Deciding is synchronous where memory has everything; nothing waits for one record, and batches are decided while
 * earlier ones are being appended. A decision depends on the log alone, so a crash, a second owner or a replay at any
 * point repeats it. Infrastructure errors are repeated for ever; an exception in the rules or a state of another log
 * stops the partition, with an alarm, until it is assigned again.
 */
export function createPartitionLoop(
  deps: PartitionLoopDeps,
  assignment: Assignment,
  options: SequencerOptions,
  parts: SequencerParts,
): PartitionWork {
  const { clock, log, store, metrics } = deps;
  const { signal, partition, topic } = assignment;
  const logger = deps.logger.child({ topic, partition });
  const onFailure = () => metrics.failures.add(1);
  const retry = createBlockingRetry({ signal, clock, logger, backoff: options.backoff, onFailure });
  const table = createChatTable();
  const eviction = createEviction(table, options.memoryRowsMax);
  const tally = createTally(metrics, clock);
  const dirty = new Set<ChatMemory>();
  let nextOffset = assignment.start;
  let committed = assignment.start;
  /** Commands acknowledged by the log whose chats' states are not saved. */
  let unsaved = 0;
  let isDraining = false;

  const isFull = (): boolean =>
    outbox.size > options.backlogMax ||
    table.parkedCount > options.parkedMax ||
    outbox.size + unsaved > options.unsavedCommandsMax;
  const room = createRoom(signal, () => !isFull() || stop.reason !== undefined);
  const stop = createStop({ signal, logger, metrics, onStop: () => room.look() });
  const isEnded = (): boolean => stop.reason !== undefined || signal.aborted;

  const outbox = parts.createOutbox(
    { log, retry, signal },
    {
      partition,
      topics: { events: TOPICS.events, replies: TOPICS.replies, deadLetters: deadLetterTopic(topic, GROUPS.sequencer) },
      batchRecordsMax: options.batchRecordsMax,
      batchBytesMax: options.batchBytesMax,
      onAcknowledged(batch) {
        metrics.acknowledged.add(batch.length);
        unsaved += batch.length;
        if (dirty.size >= options.dirtyChatsMax) void flushes.now();
        else flushes.arm();
        room.look();
      },
    },
  );
  const decider = createChatDecider({ log, store, retry, table, outbox, dirty, eviction, tally }, parts, {
    topic,
    partition,
    seenEnd: () => nextOffset,
    isEnded,
    stop: (reason, error) => stop.because(reason, error),
    unparked: () => room.look(),
  });

  /** Every command below it is acknowledged by the log, or was skipped because it is saved. */
  const acknowledgedPosition = (): number =>
    Math.min(nextOffset, table.firstParkedOffset() ?? Infinity, outbox.oldestOffset() ?? Infinity);

  const onCommitFailed = (error: unknown): void => {
    logger.warn({ err: error }, 'could not commit a position, will try again');
    onFailure();
    flushes.arm();
  };
  const flush = async (): Promise<void> => {
    if (isEnded()) return;
    const startedAt = clock.monotonic();
    const unsavedBefore = unsaved;
    const taken = parts.takeFlush(dirty, { acknowledged: acknowledgedPosition(), seen: nextOffset });
    if (taken.chats.length === 0 && taken.position <= committed) return;
    for (const step of parts.flushSteps) {
      await step({ store, logId: log.id, assignment, retry, onCommitFailed }, taken);
      if (signal.aborted) return;
    }
    committed = Math.max(committed, taken.position);
    unsaved -= unsavedBefore;
    decider.clean(taken.chats.map(({ memory }) => memory));
    metrics.saved.add(taken.chats.length);
    metrics.evicted.add(eviction.run());
    metrics.flushDuration.record(clock.monotonic() - startedAt);
    room.look();
  };
  const flushes = createFlushTimer({ intervalMs: options.flushIntervalMs, clock, signal, flush });

  const take = (record: LogRecord): void => {
    const command = decodeCommand(record.value);
    if (command !== null) return decider.take({ record, command });
    metrics.deadLetters.add(1);
    const deadLetters = [toDeadLetter(record, 'undecodable')];
    outbox.add({ offset: record.offset, events: [], replies: [], deadLetters, acknowledged: () => undefined });
  };

  return {
    async handle(records) {
      for (const record of records) {
        if (isDraining || isEnded()) break;
        take(record);
        if (stop.reason === undefined) nextOffset = record.offset + 1;
      }
      tally.report();
      outbox.send();
      flushes.arm();
      if (isFull()) await room.free();
      if (isDraining || isEnded()) await untilAborted(signal);
    },
    async drain() {
      isDraining = true;
      await outbox.idle();
      await flushes.now();
    },
    trouble: () => stop.reason ?? retry.trouble(),
  };
}
