import { LogError, type Appended, type NewRecord } from '@garam/eventlog/event-log';
import type { SqliteFile, Statements } from '@garam/sqlite/sqlite-file';
import type { Clock } from '@garam/runtime/clock';
import type { LogPartition } from './log-partition.ts';
import { NO_HEADERS, toLogError, type LogTable } from './log-table.ts';

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

interface WaitingAppend {
  partition: LogPartition;
  records: readonly NewRecord[];
  isDropped: boolean;
  offset: number;
  timestamp: number;
  resolve(appended: Appended): void;
  reject(error: LogError): void;
}

/** The appends of one write of the file; no batch until its transaction first begins. */
interface Turn {
  batch: WaitingAppend[] | undefined;
  touched: LogPartition[];
}

/**
 * Everything appended during a turn is one write of the file, one at a time. Offsets and times are given inside the
 * transaction and become visible only after COMMIT. When a write fails, what was called after it fails too, so nothing
 * overtakes.
 */
export class AppendQueue {
  readonly #deps: AppendQueueDeps;
  #waiting: WaitingAppend[] = [];
  #recordsWaiting = 0;
  #isWriting = false;

  constructor(deps: AppendQueueDeps) {
    this.#deps = deps;
  }

  append(partition: LogPartition, records: readonly NewRecord[]): Promise<Appended> {
    if (this.#recordsWaiting + records.length > this.#deps.recordsWaitingMax) {
      return Promise.reject(new LogError('unavailable', 'too many records are waiting to be appended'));
    }
    this.#recordsWaiting += records.length;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ partition, records, isDropped: false, offset: 0, timestamp: 0, resolve, reject });
      if (!this.#isWriting) void this.#writeTurn();
    });
  }

  async #writeTurn(): Promise<void> {
    this.#isWriting = true;
    const turn: Turn = { batch: undefined, touched: [] };
    const written = this.#deps.file.write((statements) => this.#writeBatch(statements, turn));
    const error = await written.then(() => undefined, toLogError);
    if (error === undefined) this.#succeed(turn);
    else this.#fail(turn, error);
    this.#isWriting = false;
    if (this.#waiting.length > 0) void this.#writeTurn();
  }

  #writeBatch(statements: Statements, turn: Turn): void {
    // A repeated transaction writes the same batch; until the first one begins, later appends join it.
    if (turn.batch === undefined) {
      turn.batch = this.#waiting;
      this.#waiting = [];
    }
    this.#deps.refresh();
    turn.touched = [];
    const now = this.#deps.clock.now();
    for (const append of turn.batch) {
      const { partition, records } = append;
      append.isDropped = records.some((record) => record.stillWanted?.() === false);
      if (append.isDropped) continue;
      if (!turn.touched.includes(partition)) {
        turn.touched.push(partition);
        this.#touch(statements, partition, now);
      }
      append.offset = partition.nextOffset;
      append.timestamp = partition.nextTimestamp;
      for (const record of records) this.#writeRecord(statements, partition, record);
    }
  }

  #touch(statements: Statements, partition: LogPartition, now: number): void {
    partition.nextOffset = partition.end;
    partition.nextTimestamp = Math.max(now, partition.timestamp);
    partition.written = [];
    if (!partition.topic.isCommitted) this.#deps.table.ensureTopic(statements, partition.topic);
  }

  #writeRecord(statements: Statements, partition: LogPartition, { key, value, headers = NO_HEADERS }: NewRecord): void {
    const record = {
      topic: partition.topic.name,
      partition: partition.partition,
      offset: partition.nextOffset++,
      timestamp: partition.nextTimestamp,
      key,
      value,
      headers,
    };
    this.#deps.table.insert(statements, partition, record);
    partition.written.push(record);
  }

  #succeed({ batch = [], touched }: Turn): void {
    for (const partition of touched) {
      partition.topic.isCommitted = true;
      partition.end = partition.nextOffset;
      partition.timestamp = partition.nextTimestamp;
      if (partition.readers.size > 0) partition.tail.push(partition.written);
      partition.written = [];
    }
    for (const append of batch) {
      this.#recordsWaiting -= append.records.length;
      if (append.isDropped) append.reject(new LogError('dropped', 'the record was no longer wanted'));
      else append.resolve({ offset: append.offset, timestamp: append.timestamp });
    }
    this.#deps.appended(touched);
  }

  #fail({ batch = [] }: Turn, error: LogError): void {
    const reason = error.reason === 'unknown' ? 'unavailable' : error.reason;
    const after = new LogError(reason, 'an append before this one failed', { cause: error });
    const later = this.#waiting;
    this.#waiting = [];
    for (const append of batch) append.reject(error);
    for (const append of later) append.reject(after);
    for (const append of [...batch, ...later]) this.#recordsWaiting -= append.records.length;
  }
}
