import type { EventLog } from '@garam/eventlog/event-log';
import type { Clock } from '@garam/runtime/clock';
import type { SqliteFile } from '@garam/sqlite/sqlite-file';
import { LogTable } from './log-table.ts';
import { SqliteEventLog } from './sqlite-event-log.ts';

export interface SqliteEventLogOptions {
  clock: Clock;
  /** Fixed when the log is made: another number later is refused. Default 1 for a new log. */
  partitions?: number;
  /** Age after which a topic's records may be deleted (`LOG_RETENTION_MS`); topics that are not named keep theirs. */
  retentionMs?: Readonly<Record<string, number>>;
  /** How long a handler may go on after its partition was taken away. Default 5,000. */
  handlerGraceMs?: number;
  /** Records that may wait to be appended; more are refused as unavailable. Default 50,000. */
  recordsWaitingMax?: number;
}

/**
 * An EventLog on a SQLite file that may hold other tables too: appends of a turn are part of the file's transaction of
 * that turn, and consumers get the very objects that were appended. Consumers of a group share partitions within this
 * process; another process on the same file is seen (within 50 ms), but has its own shares: run each group in one.
 * The file stays open when the log closes: it belongs to the caller.
 */
export function createSqliteEventLog(file: SqliteFile, options: SqliteEventLogOptions): EventLog {
  const release = file.claim('eventlog');
  try {
    return new SqliteEventLog(file, new LogTable(file, options.partitions), options, release);
  } catch (error) {
    release();
    throw error;
  }
}
