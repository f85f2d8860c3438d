import type { Assignment, EventLog } from '@garam/eventlog/event-log';
import type { Clock } from '@garam/runtime/clock';
import type { BlockingRetry } from '@garam/service/blocking-retry';
import type { SequencerStore } from '@garam/store/sequencer-store';
import type { Logger } from '@garam/telemetry/logger';
import type { ChatMemory } from './chat-memory.ts';
import { createFlushTimer } from './flush-timer.ts';
import type { Positions } from './flush-chats.ts';
import type { SequencerMetrics } from './metrics.ts';
import type { SequencerParts } from './sequencer-parts.ts';

/** Saves what the log has acknowledged, flush after flush. */
export interface ChatSaver {
  /** A chat has an acknowledged state that is not saved. */
  changed(memory: ChatMemory): void;
  /** The chat is no longer held here: whoever is ahead has saved it. */
  forget(memory: ChatMemory): void;
  /** So many commands have been acknowledged. */
  acknowledged(commands: number): void;
  /** Commands acknowledged by the log whose chats' states are not saved. */
  readonly unsaved: number;
  /** Something may be saved or committed: a flush follows within the interval. */
  arm(): void;
  /** Flushes now, after a flush under way. */
  flush(): Promise<void>;
}

export interface ChatSaverDeps {
  log: EventLog;
  store: SequencerStore;
  clock: Clock;
  logger: Logger;
  metrics: SequencerMetrics;
  retry: BlockingRetry;
  assignment: Assignment;
}

export interface ChatSaverOptions {
  intervalMs: number;
  /** With so many changed chats a flush begins at once. */
  dirtyChatsMax: number;
  positions(): Positions;
  isEnded(): boolean;
  /** A flush is through; these chats were saved. */
  saved(memories: readonly ChatMemory[]): void;
}

export function createChatSaver(
  deps: ChatSaverDeps,
  options: ChatSaverOptions,
  parts: Pick<SequencerParts, 'takeFlush' | 'flushSteps'>,
): ChatSaver {
  const { log, store, clock, logger, metrics, retry, assignment } = deps;
  const { signal } = assignment;
  const dirty = new Set<ChatMemory>();
  let committed = assignment.start;
  let unsaved = 0;

  const onCommitFailed = (error: unknown): void => {
    logger.warn({ err: error }, 'could not commit a position, will try again');
    metrics.failures.add(1);
    committed = assignment.start;
    timer.arm();
  };
  const flush = async (): Promise<void> => {
    if (options.isEnded()) return;
    const startedAt = clock.monotonic();
    const unsavedBefore = unsaved;
    const taken = parts.takeFlush(dirty, options.positions());
    if (taken.chats.length === 0 && taken.position <= committed) return;
    committed = Math.max(committed, taken.position);
    for (const step of parts.flushSteps) {
      await step({ store, logId: log.id, assignment, retry, onCommitFailed }, taken);
      if (signal.aborted) return;
    }
    unsaved -= unsavedBefore;
    const memories = taken.chats.map(({ memory }) => memory);
    for (const memory of memories) if (memory.acked.lastOffset <= memory.savedOffset) dirty.delete(memory);
    metrics.saved.add(memories.length);
    metrics.flushDuration.record(clock.monotonic() - startedAt);
    options.saved(memories);
  };
  const timer = createFlushTimer({ intervalMs: options.intervalMs, clock, signal, flush });
  return {
    get unsaved() {
      return unsaved;
    },
    changed: (memory) => void dirty.add(memory),
    forget: (memory) => void dirty.delete(memory),
    acknowledged(commands) {
      unsaved += commands;
      if (dirty.size >= options.dirtyChatsMax) void timer.now();
      else timer.arm();
    },
    arm: timer.arm,
    flush: timer.now,
  };
}
