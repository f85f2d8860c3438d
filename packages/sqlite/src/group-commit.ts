import { backoffDelayMs } from '@garam/runtime/backoff';
import type { Clock } from '@garam/runtime/clock';
import type { DatabaseSync } from 'node:sqlite';
import type { SqliteStats, Statements, WriteTask } from './sqlite-file.ts';
import { SqliteError, isBusy, isInfrastructure, surelyNotCommitted } from './sqlite-error.ts';

export interface GroupCommitOptions {
  clock: Clock;
  /** Writes that may wait at most. */
  queueMax: number;
  /** How long a write waits for a file that another process holds. */
  writeDeadlineMs: number;
  committed(): void;
}

export interface GroupCommit {
  write<T>(task: WriteTask<T>): Promise<T>;
  stats: Omit<SqliteStats, 'queued'>;
  queued(): number;
  /** Commits or rejects what is queued, then rejects everything new. */
  close(): Promise<void>;
}

interface QueuedWrite {
  task: WriteTask<unknown>;
  queuedAt: number;
  result: unknown;
  thrown: { error: unknown } | undefined;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

const BATCH_MAX = 5_000;
const BUSY_BACKOFF = { baseMs: 4, maxMs: 100 };

/**
 * Collects the writes of a turn and commits them as one transaction. Order: BEGIN IMMEDIATE, tasks in call order, COMMIT
 * (with its fsync), and only then promises resolve. A busy file keeps the writes queued, in order, until their deadline.
 * Tasks run bare; only when one throws is the transaction repeated with a savepoint around each, so the usual case pays
 * nothing for isolation.
 */
export function createGroupCommit(db: DatabaseSync, statements: Statements, options: GroupCommitOptions): GroupCommit {
  const { clock } = options;
  const stats = { commits: 0, rows: 0, busy: 0, failed: 0 };
  let queue: QueuedWrite[] = [];
  let scheduled = false;
  let busyAttempt = 0;
  let rowsBefore = 0;
  let closing: (() => void) | undefined;
  let closed = false;

  function write<T>(task: WriteTask<T>): Promise<T> {
    if (closed || closing !== undefined) return Promise.reject(new SqliteError('closed', 'the SQLite file is closed'));
    if (queue.length >= options.queueMax) {
      stats.failed++;
      return Promise.reject(new SqliteError('not_written', 'too many writes are waiting for the SQLite file'));
    }
    return new Promise<T>((resolve, reject) => {
      const settle = resolve as (value: unknown) => void;
      queue.push({ task, queuedAt: clock.monotonic(), result: undefined, thrown: undefined, resolve: settle, reject });
      schedule();
    });
  }

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    clock.endOfTurn(flush);
  }

  function flush(): void {
    scheduled = false;
    const batch = queue.length > BATCH_MAX ? queue.splice(0, BATCH_MAX) : queue;
    if (batch === queue) queue = [];
    if (batch.length > 0) commitBatch(batch);
    if (queue.length > 0) schedule();
    else if (closing !== undefined && !scheduled) closing();
  }

  function commitBatch(batch: QueuedWrite[]): void {
    rowsBefore = totalChanges();
    try {
      statements.prepare('BEGIN IMMEDIATE').run();
      runTasks(batch);
    } catch (error) {
      rollBack();
      return isBusy(error) ? waitForFile(batch, error) : rejectAll(batch, 'not_written', error);
    }
    try {
      statements.prepare('COMMIT').run();
    } catch (error) {
      rollBack();
      if (isBusy(error)) return waitForFile(batch, error);
      return rejectAll(batch, surelyNotCommitted(error) ? 'not_written' : 'unknown', error);
    }
    busyAttempt = 0;
    stats.commits++;
    stats.rows += totalChanges() - rowsBefore;
    options.committed();
    for (const write of batch) {
      if (write.thrown === undefined) write.resolve(write.result);
      else write.reject(write.thrown.error);
    }
  }

  /** Throws only what is the file's fault. */
  function runTasks(batch: QueuedWrite[]): void {
    try {
      for (const write of batch) {
        write.thrown = undefined;
        write.result = write.task(statements);
      }
    } catch (error) {
      if (isBusy(error) || isInfrastructure(error)) throw error;
      rollBack();
      statements.prepare('BEGIN IMMEDIATE').run();
      for (const write of batch) runIsolated(write);
    }
  }

  function runIsolated(write: QueuedWrite): void {
    statements.prepare('SAVEPOINT task').run();
    const changesBefore = totalChanges();
    try {
      write.result = write.task(statements);
    } catch (error) {
      if (isBusy(error) || isInfrastructure(error)) throw error;
      write.thrown = { error };
      statements.prepare('ROLLBACK TO task').run();
      rowsBefore += totalChanges() - changesBefore;
    }
    statements.prepare('RELEASE task').run();
  }

  function rollBack(): void {
    if (db.isTransaction) statements.prepare('ROLLBACK').run();
    rowsBefore = totalChanges();
  }

  /** Of the connection, rolled back ones too. */
  function totalChanges(): number {
    return Number(statements.prepare('SELECT total_changes() AS rows').get()?.['rows']);
  }

  function waitForFile(batch: QueuedWrite[], error: unknown): void {
    stats.busy++;
    const oldest = clock.monotonic() - options.writeDeadlineMs;
    const late = batch.filter((write) => write.queuedAt <= oldest);
    if (late.length > 0) rejectAll(late, 'not_written', error);
    queue = batch.filter((write) => write.queuedAt > oldest).concat(queue);
    if (queue.length === 0) return;
    scheduled = true;
    clock.after(1 + backoffDelayMs(busyAttempt++, BUSY_BACKOFF, clock.random), flush);
  }

  function rejectAll(batch: QueuedWrite[], reason: 'not_written' | 'unknown', cause: unknown): void {
    stats.failed += batch.length;
    const message = cause instanceof Error ? cause.message : String(cause);
    const error = new SqliteError(reason, `SQLite could not commit: ${message}`, { cause });
    for (const write of batch) write.reject(error);
  }

  function close(): Promise<void> {
    if (closed) return Promise.resolve();
    return new Promise((resolve) => {
      closing = () => {
        closed = true;
        resolve();
      };
      schedule();
    });
  }

  return { write, stats, queued: () => queue.length, close };
}
