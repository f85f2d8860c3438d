import type { LogRecord } from '@garam/eventlog/event-log';

/** One partition of one topic as this process knows it. */
export interface LogPartition {
  readonly topic: LogTopic;
  readonly partition: number;
  /** Offset after the newest committed record. */
  end: number;
  /** Of the newest committed record. */
  timestamp: number;
  /** What the transaction under way makes of them. */
  nextOffset: number;
  nextTimestamp: number;
  written: LogRecord[];
  /** The newest committed records, as long as a consumer here has still to get them. */
  readonly tail: RecordTail;
  /** Where the consumers of this process are. */
  readonly readers: Set<PartitionReader>;
}

export interface PartitionReader {
  /** Offset of the next record it takes. */
  readonly position: number;
  /** Told when there may be more. */
  wake(): void;
}

export interface LogTopic {
  readonly name: string;
  /** Undefined until a record was written; sure once that transaction is committed. */
  id: number | undefined;
  isCommitted: boolean;
  readonly partitions: LogPartition[];
}

export interface RecordTail {
  /** Adds records that follow the newest one. */
  push(records: readonly LogRecord[]): void;
  /** The records from `offset` on, at most `max`; undefined when they are not here (any more). */
  from(offset: number, max: number): LogRecord[] | undefined;
  /** Forgets what lies below `offset`. */
  trim(offset: number): void;
  clear(): void;
}

export function createLogTopic(name: string, partitions: number): LogTopic {
  const topic: LogTopic = { name, id: undefined, isCommitted: false, partitions: [] };
  for (let partition = 0; partition < partitions; partition++) {
    topic.partitions.push({
      topic,
      partition,
      end: 0,
      timestamp: 0,
      nextOffset: 0,
      nextTimestamp: 0,
      written: [],
      tail: createRecordTail(2_048, 2 * 1024 * 1024),
      readers: new Set(),
    });
  }
  return topic;
}

/** A window on the newest records, bounded by number and by bytes of their values. */
export function createRecordTail(recordsMax: number, bytesMax: number): RecordTail {
  let records: LogRecord[] = [];
  let bytes = 0;

  function drop(count: number): void {
    if (count <= 0) return;
    if (count >= records.length) return clear();
    for (let index = 0; index < count; index++) bytes -= records[index]!.value.length;
    records.splice(0, count);
  }

  function clear(): void {
    records = [];
    bytes = 0;
  }

  return {
    push(added) {
      for (const record of added) {
        records.push(record);
        bytes += record.value.length;
      }
      drop(records.length - recordsMax);
      let excess = bytes - bytesMax;
      let count = 0;
      while (excess > 0) excess -= records[count++]!.value.length;
      drop(count);
    },
    from(offset, max) {
      const first = records[0];
      if (first === undefined || offset < first.offset) return undefined;
      return records.slice(offset - first.offset, offset - first.offset + max);
    },
    trim(offset) {
      const first = records[0];
      if (first !== undefined) drop(offset - first.offset);
    },
    clear,
  };
}
