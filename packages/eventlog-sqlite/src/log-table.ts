import { LogError, type LogRecord } from '@garam/eventlog/event-log';
import { SqliteError } from '@garam/sqlite/sqlite-error';
import type { SqliteFile, Statements } from '@garam/sqlite/sqlite-file';
import type { LogPartition, LogTopic } from './log-partition.ts';
import { logMigrations, offsetOf, positionOf, SLOTS_MAX } from './log-schema.ts';

const INSERT = 'INSERT INTO log_records (position, timestamp, key, value, headers) VALUES (?, ?, ?, ?, ?)';
const READ = `SELECT position, timestamp, key, value, headers FROM log_records
  WHERE position >= ? AND position < ? ORDER BY position LIMIT ?`;
const NEWEST = `SELECT position, timestamp FROM log_records WHERE position >= ? AND position < ?
  ORDER BY position DESC LIMIT 1`;
const OLDEST = 'SELECT min(position) AS position FROM log_records WHERE position >= ? AND position < ?';
const TIMESTAMP = 'SELECT timestamp FROM log_records WHERE position = ?';
const REMOVE = 'DELETE FROM log_records WHERE position >= ? AND position < ?';
const TOPIC = 'SELECT topic_id FROM log_topics WHERE name = ?';
const COMMITTED = 'SELECT next_offset FROM log_offsets WHERE consumer_group = ? AND topic = ? AND partition = ?';
const COMMIT = `INSERT INTO log_offsets (consumer_group, topic, partition, next_offset) VALUES (?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET next_offset = excluded.next_offset`;

/** One process gains nothing from more, and each costs writes of its own in every commit. */
const PARTITIONS_DEFAULT = 1;
const PARTITIONS_MAX = 512;

export const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze({});

/** The tables of the log: every statement it makes is here. Methods with `statements` run within a write. */
export class LogTable {
  readonly id: string;
  readonly partitions: number;
  readonly #file: SqliteFile;

  /** Makes the tables where they are not there, for so many partitions. */
  constructor(file: SqliteFile, partitionsWanted: number | undefined) {
    const wanted = partitionsWanted ?? PARTITIONS_DEFAULT;
    if (!Number.isInteger(wanted) || wanted < 1 || wanted > PARTITIONS_MAX)
      throw new RangeError(`${wanted} partitions`);
    file.migrate('eventlog', logMigrations(wanted));
    const about = file.read('SELECT id, partitions FROM log_about').get();
    this.id = String(about?.['id']);
    this.partitions = Number(about?.['partitions']);
    this.#file = file;
    if (partitionsWanted !== undefined && partitionsWanted !== this.partitions) {
      const message = `${file.path} was made with ${this.partitions} partitions, not ${partitionsWanted}: that never changes`;
      throw new LogError('unavailable', message);
    }
  }

  /** Brings what is known of a topic up to what is in the file. */
  load(topic: LogTopic): void {
    topic.id ??= topicIdOf(this.#file.read(TOPIC).get(topic.name));
    if (topic.id === undefined) return;
    topic.isCommitted = true;
    for (const partition of topic.partitions) {
      const newest = this.#file.read(NEWEST).get(...this.#range(partition));
      if (newest === undefined) continue;
      partition.end = offsetOf(Number(newest['position'])) + 1;
      partition.timestamp = Number(newest['timestamp']);
    }
  }

  /** Names of the topics that have had a record. */
  topics(): string[] {
    return this.#file
      .read('SELECT name FROM log_topics')
      .all()
      .map((row) => String(row['name']));
  }

  /** Gives the topic its id, writing it where it is new. */
  ensureTopic(statements: Statements, topic: LogTopic): void {
    statements.prepare('INSERT OR IGNORE INTO log_topics (name) VALUES (?)').run(topic.name);
    const id = topicIdOf(statements.prepare(TOPIC).get(topic.name));
    if (id === undefined || (id + 1) * this.partitions > SLOTS_MAX)
      throw new LogError('unavailable', 'too many topics');
    topic.id = id;
  }

  insert(statements: Statements, partition: LogPartition, record: LogRecord): void {
    const { offset, timestamp, key, value, headers } = record;
    const text = headers === NO_HEADERS ? null : JSON.stringify(headers);
    statements.prepare(INSERT).run(positionOf(this.#slotOf(partition), offset), timestamp, key, value, text);
  }

  /** Ascending from `offset` on, at most `max`. */
  read(partition: LogPartition, offset: number, max: number): LogRecord[] {
    const [start, end] = this.#range(partition);
    const rows = this.#file.read(READ).all(start + offset, end, max);
    return rows.map((row) => ({
      topic: partition.topic.name,
      partition: partition.partition,
      offset: offsetOf(Number(row['position'])),
      timestamp: Number(row['timestamp']),
      key: String(row['key']),
      value: row['value'] as Uint8Array,
      headers: row['headers'] === null ? NO_HEADERS : (JSON.parse(String(row['headers'])) as Record<string, string>),
    }));
  }

  /** Offset of the oldest record, or the end. */
  oldest(partition: LogPartition): number {
    const position = this.#file.read(OLDEST).get(...this.#range(partition))?.['position'];
    return typeof position === 'number' ? offsetOf(position) : partition.end;
  }

  /** Offset of the first record with a timestamp of at least this, or the end. */
  offsetAt(partition: LogPartition, timestamp: number): number {
    const [start] = this.#range(partition);
    let low = this.oldest(partition);
    let high = partition.end;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const found = Number(this.#file.read(TIMESTAMP).get(start + middle)?.['timestamp']);
      if (found < timestamp) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Deletes the records with from ≤ offset < to. */
  remove(statements: Statements, partition: LogPartition, from: number, to: number): void {
    const [start] = this.#range(partition);
    statements.prepare(REMOVE).run(start + from, start + to);
  }

  committed(group: string, topic: string, partition: number): number {
    return Number(this.#file.read(COMMITTED).get(group, topic, partition)?.['next_offset'] ?? 0);
  }

  commit(statements: Statements, group: string, partition: LogPartition, nextOffset: number): void {
    statements.prepare(COMMIT).run(group, partition.topic.name, partition.partition, nextOffset);
  }

  /** Changes when another process has written to the file. */
  foreignVersion(): number {
    return Number(this.#file.read('PRAGMA data_version').get()?.['data_version']);
  }

  #slotOf({ topic, partition }: LogPartition): number {
    if (topic.id === undefined) throw new LogError('unavailable', `topic ${topic.name} is not there`);
    return topic.id * this.partitions + partition;
  }

  #range(partition: LogPartition): [number, number] {
    const slot = this.#slotOf(partition);
    return [positionOf(slot, 0), positionOf(slot + 1, 0)];
  }
}

function topicIdOf(row: Record<string, unknown> | undefined): number | undefined {
  return row === undefined ? undefined : Number(row['topic_id']);
}

/** What callers of the log see of an error of the file. */
export function toLogError(error: unknown): LogError {
  if (error instanceof LogError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof SqliteError)) return new LogError('unavailable', message, { cause: error });
  const reason = error.reason === 'not_written' ? 'unavailable' : error.reason;
  return new LogError(reason, message, { cause: error });
}
