import { LogError, type LogRecord, type NewRecord } from '@garam/eventlog/event-log';
import type { SqliteFile, Statements } from '@garam/sqlite/sqlite-file';
import { SqliteError } from '@garam/sqlite/sqlite-error';
import { logMigrations, offsetOf, positionOf, SLOTS_MAX } from './log-schema.ts';
import type { LogPartition, LogTopic } from './log-partition.ts';

/** The tables of the log: every statement it makes is here. */
export interface LogTable {
  readonly id: string;
  readonly partitions: number;
  /** Reads the ids and ends that are in the file, of one topic. */
  load(topic: LogTopic): void;
  /** Within a write: gives the topic its id, writing it where it is new. */
  ensureTopic(statements: Statements, topic: LogTopic): void;
  /** Within a write. */
  insert(statements: Statements, partition: LogPartition, offset: number, timestamp: number, record: NewRecord): void;
  /** Ascending from `offset` on, at most `max`. */
  read(partition: LogPartition, offset: number, max: number): LogRecord[];
  /** Offset of the oldest record, or the end. */
  oldest(partition: LogPartition): number;
  /** Offset of the first record with a timestamp of at least this, or the end. */
  offsetAt(partition: LogPartition, timestamp: number): number;
  /** Within a write: deletes the records with from ≤ offset < to. */
  remove(statements: Statements, partition: LogPartition, from: number, to: number): void;
  committed(group: string, topic: string, partition: number): number;
  /** Within a write. */
  commit(statements: Statements, group: string, partition: LogPartition, nextOffset: number): void;
  /** Changes when another process has written to the file. */
  foreignVersion(): number;
}

const INSERT = 'INSERT INTO log_records (position, timestamp, key, value, headers) VALUES (?, ?, ?, ?, ?)';
const READ = `SELECT position, timestamp, key, value, headers FROM log_records
  WHERE position >= ? AND position < ? ORDER BY position LIMIT ?`;
const NEWEST = `SELECT position, timestamp FROM log_records WHERE position >= ? AND position < ?
  ORDER BY position DESC LIMIT 1`;
const OLDEST = 'SELECT min(position) AS position FROM log_records WHERE position >= ? AND position < ?';
const TIMESTAMP = 'SELECT timestamp FROM log_records WHERE position = ?';
const REMOVE = 'DELETE FROM log_records WHERE position >= ? AND position < ?';
const COMMITTED = 'SELECT next_offset FROM log_offsets WHERE consumer_group = ? AND topic = ? AND partition = ?';
const COMMIT = `INSERT INTO log_offsets (consumer_group, topic, partition, next_offset) VALUES (?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET next_offset = excluded.next_offset`;
const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze({});

/** Opens the log's tables in the file, making them (with `partitions`) when they are not there. */
export function openLogTable(file: SqliteFile, partitionsWanted: number | undefined): LogTable {
  const { id, partitions } = readOrMakeLog(file, partitionsWanted);

  function slotOf(partition: LogPartition): number {
    if (partition.topic.id === undefined)
      throw new LogError('unavailable', `topic ${partition.topic.name} is not there`);
    return partition.topic.id * partitions + partition.partition;
  }

  function range(partition: LogPartition): [number, number] {
    const slot = slotOf(partition);
    return [positionOf(slot, 0), positionOf(slot + 1, 0)];
  }

  const table: LogTable = {
    id,
    partitions,
    load(topic) {
      topic.id ??= topicId(file.read('SELECT topic_id FROM log_topics WHERE name = ?').get(topic.name));
      if (topic.id === undefined) return;
      topic.isCommitted = true;
      for (const partition of topic.partitions) {
        const newest = file.read(NEWEST).get(...range(partition));
        if (newest === undefined) continue;
        partition.end = offsetOf(Number(newest['position'])) + 1;
        partition.timestamp = Number(newest['timestamp']);
      }
    },
    ensureTopic(statements, topic) {
      statements.prepare('INSERT OR IGNORE INTO log_topics (name) VALUES (?)').run(topic.name);
      const found = topicId(statements.prepare('SELECT topic_id FROM log_topics WHERE name = ?').get(topic.name));
      if (found === undefined || (found + 1) * partitions > SLOTS_MAX)
        throw new LogError('unavailable', 'too many topics');
      topic.id = found;
    },
    insert(statements, partition, offset, timestamp, record) {
      const position = positionOf(slotOf(partition), offset);
      const headers = record.headers === undefined ? null : JSON.stringify(record.headers);
      statements.prepare(INSERT).run(position, timestamp, record.key, record.value, headers);
    },
    read(partition, offset, max) {
      const [start, end] = range(partition);
      const rows = file.read(READ).all(start + offset, end, max);
      return rows.map((row) => ({
        topic: partition.topic.name,
        partition: partition.partition,
        offset: offsetOf(Number(row['position'])),
        timestamp: Number(row['timestamp']),
        key: String(row['key']),
        value: row['value'] as Uint8Array,
        headers: row['headers'] === null ? NO_HEADERS : (JSON.parse(String(row['headers'])) as Record<string, string>),
      }));
    },
    oldest(partition) {
      const position = file.read(OLDEST).get(...range(partition))?.['position'];
      return typeof position === 'number' ? offsetOf(position) : partition.end;
    },
    offsetAt(partition, timestamp) {
      const [start] = range(partition);
      let low = table.oldest(partition);
      let high = partition.end;
      while (low < high) {
        const middle = Math.floor((low + high) / 2);
        const found = Number(file.read(TIMESTAMP).get(start + middle)?.['timestamp']);
        if (found < timestamp) low = middle + 1;
        else high = middle;
      }
      return low;
    },
    remove(statements, partition, from, to) {
      const [start] = range(partition);
      statements.prepare(REMOVE).run(start + from, start + to);
    },
    committed: (group, topic, partition) =>
      Number(file.read(COMMITTED).get(group, topic, partition)?.['next_offset'] ?? 0),
    commit(statements, group, { topic, partition }, nextOffset) {
      statements.prepare(COMMIT).run(group, topic.name, partition, nextOffset);
    },
    foreignVersion: () => Number(file.read('PRAGMA data_version').get()?.['data_version']),
  };
  return table;
}

function topicId(row: Record<string, unknown> | undefined): number | undefined {
  return row === undefined ? undefined : Number(row['topic_id']);
}

const PARTITIONS_DEFAULT = 8;
const PARTITIONS_MAX = 512;

function readOrMakeLog(file: SqliteFile, wanted: number | undefined): { id: string; partitions: number } {
  const made = wanted ?? PARTITIONS_DEFAULT;
  if (!Number.isInteger(made) || made < 1 || made > PARTITIONS_MAX) throw new RangeError(`${made} partitions`);
  file.migrate('eventlog', logMigrations(made));
  const row = file.read('SELECT id, partitions FROM log_about').get();
  const partitions = Number(row?.['partitions']);
  if (wanted !== undefined && wanted !== partitions) {
    throw new LogError(
      'unavailable',
      `${file.path} was made with ${partitions} partitions, not ${wanted}: that never changes`,
    );
  }
  return { id: String(row?.['id']), partitions };
}

/** What callers of the log see of an error of the file. */
export function toLogError(error: unknown): LogError {
  if (error instanceof LogError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof SqliteError)) return new LogError('unavailable', message, { cause: error });
  const reason = error.reason === 'not_written' ? 'unavailable' : error.reason;
  return new LogError(reason, message, { cause: error });
}
