import { GROUPS, TOPICS } from '@garam/contracts/topics';
import type { EventLog } from '@garam/eventlog/event-log';
import type { Backoff } from '@garam/runtime/backoff';
import type { Clock } from '@garam/runtime/clock';
import { createConsumerService } from '@garam/service/consumer-service';
import type { Service } from '@garam/service/service';
import type { Store } from '@garam/store/store';
import type { Logger } from '@garam/telemetry/logger';
import type { Meter } from '@opentelemetry/api';
import { createSequencerMetrics } from './metrics.ts';
import { createPartitionLoop } from './partition-loop.ts';
import { sequencerParts, type SequencerParts } from './sequencer-parts.ts';

export interface SequencerDeps {
  log: EventLog;
  store: Store;
  clock: Clock;
  logger: Logger;
  meter: Meter;
}

export interface SequencerOptions {
  /** Acknowledged states are saved and the position committed this often, ms. */
  flushIntervalMs: number;
  /** A flush begins earlier when so many chats wait for it. */
  dirtyChatsMax: number;
  /** Bounds of a partition; above any of them it takes no more commands for a while. */
  backlogMax: number;
  parkedMax: number;
  unsavedCommandsMax: number;
  /** Chats, members and sent entries a partition keeps in memory. */
  memoryRowsMax: number;
  /** Bounds of one append. */
  batchRecordsMax: number;
  batchBytesMax: number;
  backoff: Backoff;
  startTimeoutMs: number;
  /** A partition that stands still for so long, unexplained, ends the process. */
  stallExitMs?: number;
}

/** Gives every chat its one order: decides commands, from the log alone. */
export function createSequencer(
  deps: SequencerDeps,
  options: SequencerOptions,
  parts: SequencerParts = sequencerParts,
): Service {
  const metrics = createSequencerMetrics(deps.meter);
  metrics.stopped.add(0); // So that the alarm has a value to look at.
  const loopDeps = { ...deps, store: deps.store.sequencer, metrics };
  return createConsumerService(deps, {
    name: 'sequencer',
    group: GROUPS.sequencer,
    topics: [TOPICS.commands],
    startTimeoutMs: options.startTimeoutMs,
    stallExitMs: options.stallExitMs,
    work: (assignment) => createPartitionLoop(loopDeps, assignment, options, parts),
  });
}
