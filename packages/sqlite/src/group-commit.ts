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

interface QueuedWrite {
  task: WriteTask<unknown>;
  queuedAt: number;
  result: unknown;
  thrown: { error: unknown } | undefined;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

const BATCH_MAX = 5_000;
/**
 * After a commit the file rests for this many times as long as the commit took: the writes that come meanwhile share the
 * next one, its fsync and the pages they have in common. `maxMs` bounds what a write waits for it.
 */
const REST = { times: 8, minMs: 0.5, maxMs: 4 };
const BUSY_BACKOFF = { baseMs: 4, maxMs: 100 };

/**
 * Collects the writes of a turn and commits them as one transaction. Order: BEGIN IMMEDIATE, tasks in call order, COMMIT
 * (with its fsync), and only then promises resolve. A busy file keeps the writes queued, in order, until their deadline.
 * Tasks run bare; only when one throws is the transaction repeated with a savepoint around each, so the usual case pays
 * nothing for isolation.
 */
export class GroupCommit {
  readonly #db: DatabaseSync;
  readonly #statements: Statements;
  readonly #options: GroupCommitOptions;
  readonly #counts = { commits: 0, rows: 0, busy: 0, failed: 0 };
  #queue: QueuedWrite[] = [];
  #isScheduled = false;
  #busyAttempt = 0;
  #restsUntil = 0;
  #changesBefore = 0;
  #drained: (() => void) | undefined;

  constructor(db: DatabaseSync, statements: Statements, options: GroupCommitOptions) {
    this.#db = db;
    this.#statements = statements;
    this.#options = options;
  }

  write<T>(task: WriteTask<T>): Promise<T> {
    if (this.#drained !== undefined) return Promise.reject(new SqliteError('closed', 'the SQLite file is closed'));
    if (this.#queue.length >= this.#options.queueMax) {
      this.#counts.failed++;
      return Promise.reject(new SqliteError('not_written', 'too many writes are waiting for the SQLite file'));
    }
    return new Promise<T>((resolve, reject) => {
      const settle = resolve as (value: unknown) => void;
      const queuedAt = this.#options.clock.monotonic();
      this.#queue.push({ task, queuedAt, result: undefined, thrown: undefined, resolve: settle, reject });
      this.#schedule();
    });
  }

  stats(): SqliteStats {
    return { ...this.#counts, queued: this.#queue.length };
  }

  /** Commits or rejects what is queued; everything new is rejected. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#drained = resolve;
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    const { clock } = this.#options;
    const restMs = this.#drained === undefined ? this.#restsUntil - clock.monotonic() : 0;
    if (restMs < REST.minMs) clock.endOfTurn(() => this.#flush());
    else clock.after(restMs, () => this.#flush());
  }

  #flush(): void {
    this.#isScheduled = false;
    const batch = this.#queue.splice(0, BATCH_MAX);
    if (batch.length > 0) this.#commitBatch(batch);
    if (this.#queue.length > 0) this.#schedule();
    else this.#drained?.();
  }

  #commitBatch(batch: QueuedWrite[]): void {
    this.#changesBefore = this.#totalChanges();
    try {
      this.#run('BEGIN IMMEDIATE');
      this.#runTasks(batch);
    } catch (error) {
      this.#rollBack();
      if (isBusy(error)) this.#waitForFile(batch, error);
      else this.#rejectAll(batch, 'not_written', error);
      return;
    }
    const { clock } = this.#options;
    const beganAt = clock.monotonic();
    try {
      this.#run('COMMIT');
    } catch (error) {
      this.#rollBack();
      if (isBusy(error)) this.#waitForFile(batch, error);
      else this.#rejectAll(batch, surelyNotCommitted(error) ? 'not_written' : 'unknown', error);
      return;
    }
    const endedAt = clock.monotonic();
    this.#restsUntil = endedAt + Math.min(REST.maxMs, REST.times * (endedAt - beganAt));
    this.#succeed(batch);
  }

  /** Throws only what is the file's fault. */
  #runTasks(batch: readonly QueuedWrite[]): void {
    try {
      for (const write of batch) {
        write.thrown = undefined;
        write.result = write.task(this.#statements);
      }
    } catch (error) {
      if (isBusy(error) || isInfrastructure(error)) throw error;
      this.#rollBack();
      this.#run('BEGIN IMMEDIATE');
      for (const write of batch) this.#runIsolated(write);
    }
  }

  #runIsolated(write: QueuedWrite): void {
    this.#run('SAVEPOINT task');
    const changesBefore = this.#totalChanges();
    try {
      write.result = write.task(this.#statements);
    } catch (error) {
      if (isBusy(error) || isInfrastructure(error)) throw error;
      write.thrown = { error };
      this.#run('ROLLBACK TO task');
      this.#changesBefore += this.#totalChanges() - changesBefore;
    }
    this.#run('RELEASE task');
  }

  #succeed(batch: readonly QueuedWrite[]): void {
    this.#busyAttempt = 0;
    this.#counts.commits++;
    this.#counts.rows += this.#totalChanges() - this.#changesBefore;
    this.#options.committed();
    for (const write of batch) {
      if (write.thrown === undefined) write.resolve(write.result);
      else write.reject(write.thrown.error);
    }
  }

  #waitForFile(batch: readonly QueuedWrite[], error: unknown): void {
    const { clock, writeDeadlineMs } = this.#options;
    this.#counts.busy++;
    const oldest = clock.monotonic() - writeDeadlineMs;
    const late = batch.filter((write) => write.queuedAt <= oldest);
    if (late.length > 0) this.#rejectAll(late, 'not_written', error);
    this.#queue = batch.filter((write) => write.queuedAt > oldest).concat(this.#queue);
    if (this.#queue.length === 0) return;
    this.#isScheduled = true;
    const delayMs = 1 + backoffDelayMs(this.#busyAttempt++, BUSY_BACKOFF, clock.random);
    clock.after(delayMs, () => this.#flush());
  }

  #rejectAll(batch: readonly QueuedWrite[], reason: 'not_written' | 'unknown', cause: unknown): void {
    this.#counts.failed += batch.length;
    const message = cause instanceof Error ? cause.message : String(cause);
    const error = new SqliteError(reason, `SQLite could not commit: ${message}`, { cause });
    for (const write of batch) write.reject(error);
  }

  #rollBack(): void {
    if (this.#db.isTransaction) this.#run('ROLLBACK');
    this.#changesBefore = this.#totalChanges();
  }

  #run(sql: string): void {
    this.#statements.prepare(sql).run();
  }

  /** Of the connection, rolled back ones too. */
  #totalChanges(): number {
    return Number(this.#statements.prepare('SELECT total_changes() AS changes').get()?.['changes']);
  }
}
