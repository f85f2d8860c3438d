import { createPositionCommit } from '@garam/eventlog/commit-position';
import { toDeadLetter } from '@garam/eventlog/dead-letter';
import type { Assignment, EventLog, LogRecord, NewRecord } from '@garam/eventlog/event-log';
import type { Backoff } from '@garam/runtime/backoff';
import type { Clock } from '@garam/runtime/clock';
import type { Logger } from '@garam/telemetry/logger';
import { createBlockingRetry } from './blocking-retry.ts';
import type { PartitionWork } from './consumer-service.ts';

/**
 * Order of effects and commit. The only right one is effects first; it is an argument so that a simulation can show
 * that the other one loses data.
 */
export type Settle = (effects: () => Promise<boolean>, commit: () => void) => Promise<void>;

export const effectsThenCommit: Settle = async (effects, commit) => {
  if (await effects()) commit();
};

export interface BatchWorkDeps {
  log: EventLog;
  clock: Clock;
  logger: Logger;
}

export interface BatchWorkOptions<T> {
  /** null: undecodable, goes to the dead letters. Throwing: infrastructure, is repeated. */
  decode(value: Uint8Array): T | null;
  /** The effects of a batch; repeated until it succeeds, so it must be repeatable. */
  apply(values: readonly T[]): Promise<void>;
  deadLetterTopic: string;
  backoff: Backoff;
  commitIntervalMs: number;
  /**
   * A batch begins at the earliest this long after the one before, later after slow ones: what comes meanwhile shares its
   * writes. Default 0: at once.
   */
  paceMs?: number;
  settle: Settle;
  onDeadLetters(count: number): void;
  onFailure(): void;
}

/**
 * Work on one partition, batch after batch: decode → dead letters → effects → position. Infrastructure errors hold
 * the position; only undecodable records are passed over, and kept as dead letters.
 */
export function createBatchWork<T>(
  deps: BatchWorkDeps,
  assignment: Assignment,
  options: BatchWorkOptions<T>,
): PartitionWork {
  const { signal } = assignment;
  const { clock, logger } = deps;
  const retry = createBlockingRetry({ signal, clock, logger, backoff: options.backoff, onFailure: options.onFailure });
  const position = createPositionCommit(assignment, clock, {
    intervalMs: options.commitIntervalMs,
    onError: (error) => logger.warn({ err: error }, 'could not commit a position, will try again'),
  });
  let isDraining = false;
  let current: Promise<void> = Promise.resolve();

  const effects = async (records: readonly LogRecord[]): Promise<boolean> => {
    const decoded = await retry.run('decode', async () => decodeAll(records, options.decode));
    if (decoded === undefined) return false;
    const { values, dead } = decoded;
    if (dead.length > 0) {
      await retry.run('dead letters', () => deps.log.appendBatch(options.deadLetterTopic, assignment.partition, dead));
      options.onDeadLetters(dead.length);
    }
    if (values.length > 0) await retry.run('apply', () => options.apply(values));
    return !signal.aborted;
  };
  return {
    async handle(records) {
      if (isDraining) return untilAborted(signal);
      const last = records.at(-1);
      if (last === undefined) return;
      const startedAt = clock.monotonic();
      current = options.settle(
        () => effects(records),
        () => position.done(last.offset + 1),
      );
      await current;
      const restMs = restAfter({ workMs: clock.monotonic() - startedAt, count: records.length }, options.paceMs ?? 0);
      if (restMs > 0 && !isDraining) await clock.sleep(restMs, signal);
    },
    async drain() {
      isDraining = true;
      await current;
      await position.flush();
    },
    trouble: () => retry.trouble(),
  };
}

/** A slow batch is followed by a rest of so many times its duration, and by no more than so many times the pace. */
const REST_PER_WORK = 3;
const REST_PACES_MAX = 10;
/** A batch of so many has shared what can be shared: more rest would only hold up what waits. */
const LARGE_BATCH = 100;

/** Where what is written to is busy the rests grow, and with them what the next batch writes at one go. */
function restAfter({ workMs, count }: { workMs: number; count: number }, paceMs: number): number {
  const restMs = paceMs - workMs;
  if (count >= LARGE_BATCH) return restMs;
  return Math.max(restMs, Math.min(workMs * REST_PER_WORK, paceMs * REST_PACES_MAX));
}

/** Resolves when the assignment ends. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

function decodeAll<T>(
  records: readonly LogRecord[],
  decode: (value: Uint8Array) => T | null,
): { values: T[]; dead: NewRecord[] } {
  const values: T[] = [];
  const dead: NewRecord[] = [];
  for (const record of records) {
    const value = decode(record.value);
    if (value === null) dead.push(toDeadLetter(record, 'undecodable'));
    else values.push(value);
  }
  return { values, dead };
}
