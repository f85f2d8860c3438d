import { LogError, type Appended, type LogRecord, type NewRecord } from '@garam/eventlog/event-log';
import type { SqliteFile, Statements } from '@garam/sqlite/sqlite-file';
import type { Clock } from '@garam/runtime/clock';
import type { LogPartition } from './log-partition.ts';
import { toLogError, type LogTable } from './log-table.ts';

export interface AppendQueueDeps {
  file: SqliteFile;
  table: LogTable;
  clock: Clock;
  /** Records that may wait at most. */
  recordsWaitingMax: number;
  /** Called within a write, before offsets are given: brings the ends up to what other processes wrote. */
  refresh(): void;
  /** Called after a commit with the partitions that got records. */
  appended(partitions: readonly LogPartition[]): void;
}

export interface AppendQueue {
  append(partition: LogPartition, records: readonly NewRecord[]): Promise<Appended>;
}

interface WaitingAppend {
  partition: LogPartition;
  records: readonly NewRecord[];
  isDropped: boolean;
  offset: number;
  timestamp: number;
  resolve(appended: Appended): void;
  reject(error: LogError): void;
}

const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze({});

/** The appends of one write of the file; undefined until its transaction first begins. */
interface Turn {
  batch: WaitingAppend[] | undefined;
  touched: LogPartition[];
}

/**
 * Everything appended during a turn is one write of the file, one at a time. Offsets and times are given inside the
 * transaction and become visible only after COMMIT. When a write fails, what was called after it fails too, so nothing
 * overtakes.
 */
export function createAppendQueue(deps: AppendQueueDeps): AppendQueue {
  const { file, table, clock } = deps;
  let waiting: WaitingAppend[] = [];
  let recordsWaiting = 0;
  let isWriting = false;

  function append(partition: LogPartition, records: readonly NewRecord[]): Promise<Appended> {
    if (recordsWaiting + records.length > deps.recordsWaitingMax) {
      return Promise.reject(new LogError('unavailable', 'too many records are waiting to be appended'));
    }
    recordsWaiting += records.length;
    return new Promise((resolve, reject) => {
      waiting.push({ partition, records, isDropped: false, offset: 0, timestamp: 0, resolve, reject });
      if (!isWriting) writeTurn();
    });
  }

  function writeTurn(): void {
    isWriting = true;
    const turn: Turn = { batch: undefined, touched: [] };
    const task = (statements: Statements): void => writeBatch(statements, turn);
    const settle = (settleAppends: () => void): void => {
      settleAppends();
      isWriting = false;
      if (waiting.length > 0) writeTurn();
    };
    file.write(task).then(
      () => settle(() => succeed(turn)),
      (error: unknown) => settle(() => fail(turn, toLogError(error))),
    );
  }

  function writeBatch(statements: Statements, turn: Turn): void {
    // A repeated transaction writes the same batch; until the first one begins, later appends join it.
    if (turn.batch === undefined) {
      turn.batch = waiting;
      waiting = [];
    }
    deps.refresh();
    turn.touched = [];
    const now = clock.now();
    for (const append of turn.batch) {
      const { partition, records } = append;
      append.isDropped = records.some((record) => record.stillWanted?.() === false);
      if (append.isDropped) continue;
      if (!turn.touched.includes(partition)) {
        turn.touched.push(partition);
        touch(statements, partition, now);
      }
      append.offset = partition.nextOffset;
      append.timestamp = partition.nextTimestamp;
      for (const record of records) writeRecord(statements, partition, record);
    }
  }

  function touch(statements: Statements, partition: LogPartition, now: number): void {
    partition.nextOffset = partition.end;
    partition.nextTimestamp = Math.max(now, partition.timestamp);
    partition.written = [];
    if (!partition.topic.isCommitted) table.ensureTopic(statements, partition.topic);
  }

  function writeRecord(statements: Statements, partition: LogPartition, record: NewRecord): void {
    const { key, value, headers } = record;
    const offset = partition.nextOffset++;
    const timestamp = partition.nextTimestamp;
    table.insert(statements, partition, offset, timestamp, record);
    const topic = partition.topic.name;
    const written: LogRecord = {
      topic,
      partition: partition.partition,
      offset,
      timestamp,
      key,
      value,
      headers: headers ?? NO_HEADERS,
    };
    partition.written.push(written);
  }

  function succeed({ batch = [], touched }: Turn): void {
    for (const partition of touched) {
      partition.topic.isCommitted = true;
      partition.end = partition.nextOffset;
      partition.timestamp = partition.nextTimestamp;
      if (partition.readers.size > 0) partition.tail.push(partition.written);
      partition.written = [];
    }
    for (const append of batch) {
      recordsWaiting -= append.records.length;
      if (append.isDropped) append.reject(new LogError('dropped', 'the record was no longer wanted'));
      else append.resolve({ offset: append.offset, timestamp: append.timestamp });
    }
    deps.appended(touched);
  }

  function fail({ batch = [] }: Turn, error: LogError): void {
    const reason = error.reason === 'unknown' ? 'unavailable' : error.reason;
    const after = new LogError(reason, 'an append before this one failed', { cause: error });
    const later = waiting;
    waiting = [];
    for (const append of batch) append.reject(error);
    for (const append of later) append.reject(after);
    for (const append of [...batch, ...later]) recordsWaiting -= append.records.length;
  }

  return { append };
}
