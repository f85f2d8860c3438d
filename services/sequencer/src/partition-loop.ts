import { decodeCommand } from '@garam/contracts/command-codec';
import { partitionOf } from '@garam/contracts/partition-of';
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
import { createChatSaver } from './chat-saver.ts';
import { createChatTable } from './chat-table.ts';
import { createEviction } from './evict-chats.ts';
import type { SequencerMetrics } from './metrics.ts';
import { deadLetterOutput } from './outbox.ts';
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
  let nextOffset = assignment.start;
  let isDraining = false;
  const loop = assemble(deps, assignment, { options, parts, seenEnd: () => nextOffset });
  const { decider, outbox, table, saver, room, stop, retry, tally } = loop;
  const { signal, partition } = assignment;

  const bury = (record: LogRecord, reason: string): void => {
    deps.metrics.deadLetters.add(1);
    outbox.add(deadLetterOutput(record.offset, toDeadLetter(record, reason)));
  };
  const take = (record: LogRecord): void => {
    const command = decodeCommand(record.value);
    if (command === null) return bury(record, 'undecodable');
    const isFirst = table.find(command.chat) === undefined;
    // In two partitions a chat would have two orders.
    if (isFirst && partitionOf(command.chat, deps.log.partitions) !== partition) return bury(record, 'wrong partition');
    decider.take({ record, command });
  };
  return {
    async handle(records) {
      for (const record of records) {
        if (isDraining || loop.isEnded()) break;
        take(record);
        if (stop.reason === undefined) nextOffset = record.offset + 1;
      }
      tally.report();
      outbox.send();
      saver.arm();
      await room.free();
      if (isDraining || loop.isEnded()) await untilAborted(signal);
    },
    async drain() {
      isDraining = true;
      await outbox.idle();
      await saver.flush();
    },
    trouble: () => stop.reason ?? retry.trouble(),
  };
}

interface Assembly {
  options: SequencerOptions;
  parts: SequencerParts;
  /** Offset below which this assignment has seen records. */
  seenEnd(): number;
}

/** The pieces of one loop, each told only what it needs of the others. */
function assemble(deps: PartitionLoopDeps, assignment: Assignment, { options, parts, seenEnd }: Assembly) {
  const { clock, log, store, metrics } = deps;
  const { signal, partition, topic } = assignment;
  const logger = deps.logger.child({ topic, partition });
  const onFailure = () => metrics.failures.add(1);
  const retry = createBlockingRetry({ signal, clock, logger, backoff: options.backoff, onFailure });
  const table = createChatTable();
  const eviction = createEviction(table, options.memoryRowsMax);
  const tally = createTally(metrics, clock);
  const isEnded = (): boolean => stop.reason !== undefined || signal.aborted;

  const hasRoom = (): boolean =>
    outbox.size <= options.backlogMax &&
    table.parkedCount <= options.parkedMax &&
    outbox.size + saver.unsaved <= options.unsavedCommandsMax;
  const room = createRoom(signal, () => hasRoom() || isEnded());
  const stop = createStop({ signal, logger, metrics, onStop: room.look });
  const outbox = parts.createOutbox(
    { log, retry, signal },
    {
      partition,
      topics: { events: TOPICS.events, replies: TOPICS.replies, deadLetters: deadLetterTopic(topic, GROUPS.sequencer) },
      batchRecordsMax: options.batchRecordsMax,
      batchBytesMax: options.batchBytesMax,
      onAcknowledged({ length }) {
        metrics.acknowledged.add(length);
        saver.acknowledged(length);
        room.look();
      },
    },
  );
  const saver = createChatSaver(
    { log, store, clock, logger, metrics, retry, assignment },
    {
      intervalMs: options.flushIntervalMs,
      dirtyChatsMax: options.dirtyChatsMax,
      isEnded,
      positions: () => ({
        acknowledged: Math.min(seenEnd(), table.firstParkedOffset() ?? Infinity, outbox.oldestOffset() ?? Infinity),
        seen: seenEnd(),
      }),
      saved(memories) {
        decider.clean(memories);
        metrics.evicted.add(eviction.run());
        room.look();
      },
    },
    parts,
  );
  const decider = createChatDecider({ log, store, retry, table, outbox, saver, eviction, tally }, parts, {
    topic,
    partition,
    seenEnd,
    isEnded,
    stop: stop.because,
    unparked() {
      // What was parked may only have been skipped: then nothing else leads to a commit.
      saver.arm();
      room.look();
    },
  });
  return { retry, table, tally, room, stop, outbox, saver, decider, isEnded };
}
