import {
  LogError,
  type Appended,
  type ConsumeOptions,
  type Consumer,
  type DurabilityClass,
  type EventLog,
  type LogRecord,
  type NewRecord,
} from '@garam/eventlog/event-log';
import type { Cancel } from '@garam/runtime/clock';
import type { SqliteFile } from '@garam/sqlite/sqlite-file';
import { AppendQueue } from './append-queue.ts';
import { ConsumerGroup } from './consumer-group.ts';
import type { SqliteEventLogOptions } from './create-sqlite-event-log.ts';
import { createLogTopic, type LogPartition, type LogTopic } from './log-partition.ts';
import { toLogError, type LogTable } from './log-table.ts';
import { removeExpired } from './remove-expired.ts';

const BATCH_MAX = 500;
/** Rows come from the file only when a consumer is behind: small steps, so that it does not hold up the others. */
const BATCH_FROM_FILE_MAX = 200;
const FOREIGN_POLL_MS = 50;
const RETENTION_INTERVAL_MS = 60_000;

/** See `createSqliteEventLog`. */
export class SqliteEventLog implements EventLog {
  readonly id: string;
  readonly durability: DurabilityClass;
  readonly partitions: number;
  readonly #file: SqliteFile;
  readonly #table: LogTable;
  readonly #options: SqliteEventLogOptions;
  readonly #queue: AppendQueue;
  readonly #topics = new Map<string, LogTopic>();
  readonly #groups = new Map<string, ConsumerGroup>();
  readonly #ends: Cancel[];
  #foreignVersion: number;
  #isClosed = false;
  #closing: Promise<void> | undefined;

  /** `released` is called when the log is closed. */
  constructor(file: SqliteFile, table: LogTable, options: SqliteEventLogOptions, released: () => void) {
    const { clock } = options;
    this.id = table.id;
    this.durability = file.durability;
    this.partitions = table.partitions;
    this.#file = file;
    this.#table = table;
    this.#options = options;
    this.#foreignVersion = table.foreignVersion();
    this.#queue = new AppendQueue({
      file,
      table,
      clock,
      recordsWaitingMax: options.recordsWaitingMax ?? 50_000,
      refresh: () => void this.#refresh(),
      appended: (partitions) => queueMicrotask(() => partitions.forEach(wake)),
    });
    const stopPolling = clock.every(FOREIGN_POLL_MS, () => this.#pollForeign());
    const stopRetention = clock.every(RETENTION_INTERVAL_MS, () => void this.#applyRetention());
    this.#ends = [stopPolling, stopRetention, released];
  }

  append(topic: string, record: NewRecord): Promise<Appended> {
    return this.appendBatch(topic, record.partition, [record]);
  }

  appendBatch(topic: string, partition: number, records: readonly NewRecord[]): Promise<Appended> {
    try {
      return this.#queue.append(this.#partitionOf(topic, partition), records);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  consume(options: ConsumeOptions): Consumer {
    if (this.#isClosed) throw new LogError('closed', 'the log is closed');
    let group = this.#groups.get(options.group);
    if (group === undefined) this.#groups.set(options.group, (group = this.#newGroup(options.group)));
    return group.join(options);
  }

  async topics(): Promise<string[]> {
    return reading(() => this.#table.topics());
  }

  async end(topic: string, partition: number): Promise<number> {
    return this.#partitionOf(topic, partition).end;
  }

  async read(topic: string, partition: number, offset: number, max: number): Promise<LogRecord[]> {
    const from = this.#partitionOf(topic, partition);
    if (offset >= from.end) return [];
    return from.tail.from(offset, max) ?? reading(() => this.#table.read(from, offset, max));
  }

  async offsetAt(topic: string, partition: number, timestamp: number): Promise<number> {
    const from = this.#partitionOf(topic, partition);
    return from.end === 0 ? 0 : reading(() => this.#table.offsetAt(from, timestamp));
  }

  async committed(group: string, topic: string, partition: number): Promise<number> {
    return reading(() => this.#table.committed(group, topic, partition));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(Array.from(this.#groups.values(), (group) => group.stopAll()));
    await this.#file.write(() => {}).catch(() => {}); // Everything appended before is settled when this is.
    for (const end of this.#ends) end();
  }

  #topicOf(name: string): LogTopic {
    let topic = this.#topics.get(name);
    if (topic === undefined) {
      topic = createLogTopic(name, this.partitions);
      this.#table.load(topic);
      this.#topics.set(name, topic);
    }
    return topic;
  }

  #partitionOf(topic: string, partition: number): LogPartition {
    if (this.#isClosed) throw new LogError('closed', 'the log is closed');
    const found = this.#topicOf(topic).partitions[partition];
    if (found === undefined) throw new RangeError(`no partition ${partition} of ${this.partitions}`);
    return found;
  }

  #newGroup(name: string): ConsumerGroup {
    const table = this.#table;
    return new ConsumerGroup({
      clock: this.#options.clock,
      handlerGraceMs: this.#options.handlerGraceMs ?? 5_000,
      topic: (topic) => this.#topicOf(topic),
      next: (partition, offset) => this.#next(partition, offset),
      start(partition) {
        const committed = table.committed(name, partition.topic.name, partition.partition);
        return partition.topic.id === undefined ? committed : Math.max(committed, table.oldest(partition));
      },
      commit: async (partition, nextOffset) => {
        const committed = this.#file.write((statements) => table.commit(statements, name, partition, nextOffset));
        await committed.catch((error: unknown) => {
          throw toLogError(error);
        });
      },
    });
  }

  #next(partition: LogPartition, offset: number): LogRecord[] {
    if (offset >= partition.end) return [];
    return partition.tail.from(offset, BATCH_MAX) ?? this.#table.read(partition, offset, BATCH_FROM_FILE_MAX);
  }

  /** Takes over what another process has written. True when there was something. */
  #refresh(): boolean {
    const version = this.#table.foreignVersion();
    if (version === this.#foreignVersion) return false;
    this.#foreignVersion = version;
    for (const topic of this.#topics.values()) {
      const ends = topic.partitions.map(({ end }) => end);
      this.#table.load(topic);
      for (const [index, partition] of topic.partitions.entries()) {
        if (partition.end !== ends[index]) partition.tail.clear();
      }
    }
    return true;
  }

  #pollForeign(): void {
    try {
      if (!this.#refresh()) return;
    } catch {
      return; // The next poll or the next append tries again.
    }
    for (const topic of this.#topics.values()) topic.partitions.forEach(wake);
  }

  /** What fails is left for the next round. */
  async #applyRetention(): Promise<void> {
    try {
      for (const [name, retentionMs] of Object.entries(this.#options.retentionMs ?? {})) {
        await this.#removeExpired(this.#topicOf(name), this.#options.clock.now() - retentionMs);
      }
    } catch {}
  }

  async #removeExpired(topic: LogTopic, before: number): Promise<void> {
    if (topic.id === undefined) return;
    for (const partition of topic.partitions) {
      let isMore = true;
      while (isMore && !this.#isClosed) isMore = await removeExpired(this.#file, this.#table, partition, before);
    }
  }
}

function wake(partition: LogPartition): void {
  for (const reader of Array.from(partition.readers)) reader.wake();
}

function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw toLogError(error);
  }
}
