import type { Cancel } from '@garam/runtime/clock';
import type { StatementSync } from 'node:sqlite';

/** One SQLite database of this process, with group commit: what is written during a turn is one transaction. */
export interface SqliteFile {
  readonly path: string;
  /** What a resolved `write` survives. */
  readonly durability: SqliteDurability;

  /**
   * Queues `task` for the transaction of this turn of the event loop; resolves with its result after COMMIT returned.
   * Tasks run in the order of the calls. A task may run more than once (the transaction is repeated when another task
   * throws or the file is busy), so it touches nothing but the database. A task that throws is undone alone and its
   * promise rejects with what it threw.
   * @throws SqliteError `not_written`, `unknown` or `closed`
   */
  write<T>(task: WriteTask<T>): Promise<T>;
  /** A prepared statement for reading, cached by its text. Read with `get` or `all`, within this turn. */
  read(sql: string): StatementSync;
  /**
   * Brings the tables of `scope` up to date: runs those of `migrations` (SQL, counted from 1) not yet recorded, in order,
   * in one transaction. Synchronous, for start-up; waits for other processes that hold the file.
   * @throws SqliteError when the file was written by a newer version
   */
  migrate(scope: string, migrations: readonly string[]): void;
  /** Called after each commit, before the promises of its writes resolve. */
  onCommit(listener: () => void): Cancel;
  /** Marks a role (as "eventlog") as taken by one object of this process; throws when it is. */
  claim(role: string): Cancel;
  stats(): SqliteStats;
  /** Ends this reference; with the last one the queued writes are committed and the file is closed. Idempotent. */
  close(): Promise<void>;
}

export type SqliteDurability = 'memory' | 'process_crash' | 'power_loss';

export interface Statements {
  /** A prepared statement, cached by its text. */
  prepare(sql: string): StatementSync;
}

export type WriteTask<T> = (statements: Statements) => T;

export interface SqliteStats {
  /** Transactions committed. */
  commits: number;
  /** Rows inserted, changed or deleted by them. */
  rows: number;
  /** Attempts that found the file held by another process. */
  busy: number;
  /** Writes rejected because of the file: busy, full or broken. */
  failed: number;
  /** Writes waiting now. */
  queued: number;
}
