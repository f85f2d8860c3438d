import { LogError, type Appended, type EventLog, type LogRecord, type NewRecord } from '@garam/eventlog/event-log';
import type { Clock } from '@garam/runtime/clock';
import type { SqliteFile } from '@garam/sqlite/sqlite-file';
import { createAppendQueue } from './append-queue.ts';
import { createConsumerGroup, type ConsumerGroup } from './consumer-group.ts';
import { createLogTopic, type LogPartition, type LogTopic } from './log-partition.ts';
import { openLogTable, toLogError } from './log-table.ts';
import { removeExpired } from './remove-expired.ts';

export interface SqliteEventLogOptions {
  clock: Clock;
  /** Fixed when the log is made: another number later is refused. Default 8 for a new log. */
  partitions?: number;
  /** Age after which a topic's records may be deleted; topics that are not named keep theirs. */
  retentionMs?: Readonly<Record<string, number>>;
  /** How long a handler may go on after its partition was taken away. Default 5,000. */
  handlerGraceMs?: number;
  /** Records that may wait to be appended; more are refused as unavailable. Default 50,000. */
  recordsWaitingMax?: number;
}

const BATCH_MAX = 500;
/** Rows come from the file only when a consumer is behind: small steps, so that it does not hold up the others. */
const BATCH_FROM_FILE_MAX = 200;
const FOREIGN_POLL_MS = 50;
const RETENTION_INTERVAL_MS = 60_000;

/**
 * An EventLog on a SQLite file that may hold other tables too: appends of a turn are part of the file's transaction of
 * that turn, and consumers get the very objects that were appended. Consumers of a group share partitions within this
 * process; another process on the same file is seen (within 50 ms), but has its own shares: run each group in one.
 * The file stays open when the log closes: it belongs to the caller.
 */
export function createSqliteEventLog(file: SqliteFile, options: SqliteEventLogOptions): EventLog {
  const { clock } = options;
  const release = file.claim('eventlog');
  const table = openOrRelease(() => openLogTable(file, options.partitions), release);
  const topics = new Map<string, LogTopic>();
  const groups = new Map<string, ConsumerGroup>();
  let version = table.foreignVersion();
  let isClosed = false;
  let closing: Promise<void> | undefined;

  const queue = createAppendQueue({
    file,
    table,
    clock,
    recordsWaitingMax: options.recordsWaitingMax ?? 50_000,
    refresh: () => void refresh(),
    appended: (partitions) => queueMicrotask(() => partitions.forEach(wake)),
  });
  const stopPolling = clock.every(FOREIGN_POLL_MS, pollForeign);
  const stopRetention = clock.every(RETENTION_INTERVAL_MS, () => void applyRetention().catch(() => {}));

  function topicOf(name: string): LogTopic {
    let topic = topics.get(name);
    if (topic === undefined) {
      topic = createLogTopic(name, table.partitions);
      table.load(topic);
      topics.set(name, topic);
    }
    return topic;
  }

  function partitionOf(topic: string, partition: number): LogPartition {
    if (isClosed) throw new LogError('closed', 'the log is closed');
    const found = topicOf(topic).partitions[partition];
    if (found === undefined) throw new RangeError(`no partition ${partition} of ${table.partitions}`);
    return found;
  }

  function appendTo(topic: string, partition: number, records: readonly NewRecord[]): Promise<Appended> {
    try {
      return queue.append(partitionOf(topic, partition), records);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Takes over what another process has written. True when there was something. */
  function refresh(): boolean {
    const now = table.foreignVersion();
    if (now === version) return false;
    version = now;
    for (const topic of topics.values()) {
      const ends = topic.partitions.map(({ end }) => end);
      table.load(topic);
      topic.partitions.forEach((partition, index) => {
        if (partition.end !== ends[index]) partition.tail.clear();
      });
    }
    return true;
  }

  function pollForeign(): void {
    try {
      if (!refresh()) return;
    } catch {
      return; // The next poll or the next append tries again.
    }
    for (const topic of topics.values()) topic.partitions.forEach(wake);
  }

  function next(partition: LogPartition, offset: number): LogRecord[] {
    if (offset >= partition.end) return [];
    return partition.tail.from(offset, BATCH_MAX) ?? table.read(partition, offset, BATCH_FROM_FILE_MAX);
  }

  function groupOf(name: string): ConsumerGroup {
    const existing = groups.get(name);
    if (existing !== undefined) return existing;
    const group = createConsumerGroup({
      clock,
      topic: topicOf,
      next,
      start: (partition) => startOf(name, partition),
      commit: (partition, nextOffset) =>
        file.write((statements) => table.commit(statements, name, partition, nextOffset)).catch(rethrow),
      handlerGraceMs: options.handlerGraceMs ?? 5_000,
    });
    groups.set(name, group);
    return group;
  }

  function startOf(group: string, partition: LogPartition): number {
    const committed = table.committed(group, partition.topic.name, partition.partition);
    return partition.topic.id === undefined ? committed : Math.max(committed, table.oldest(partition));
  }

  async function applyRetention(): Promise<void> {
    for (const [name, retentionMs] of Object.entries(options.retentionMs ?? {})) {
      const { partitions, id } = topicOf(name);
      if (id === undefined) continue;
      const before = clock.now() - retentionMs;
      for (const partition of partitions) {
        while (!isClosed && (await removeExpired(file, table, partition, before)));
      }
    }
  }

  async function closeLog(): Promise<void> {
    isClosed = true;
    stopPolling();
    stopRetention();
    await Promise.all([...groups.values()].map((group) => group.stopAll()));
    await file.write(() => {}).catch(() => {}); // Everything appended before is settled when this is.
    release();
  }

  return {
    id: table.id,
    durability: file.durability,
    partitions: table.partitions,
    append: (topic, record) => appendTo(topic, record.partition, [record]),
    appendBatch: appendTo,
    consume(consumeOptions) {
      if (isClosed) throw new LogError('closed', 'the log is closed');
      return groupOf(consumeOptions.group).join(consumeOptions);
    },
    end: async (topic, partition) => partitionOf(topic, partition).end,
    read: async (topic, partition, offset, max) => {
      const from = partitionOf(topic, partition);
      if (offset >= from.end) return [];
      return from.tail.from(offset, max) ?? reading(() => table.read(from, offset, max));
    },
    offsetAt: async (topic, partition, timestamp) => {
      const from = partitionOf(topic, partition);
      return from.end === 0 ? 0 : reading(() => table.offsetAt(from, timestamp));
    },
    committed: async (group, topic, partition) => reading(() => table.committed(group, topic, partition)),
    close: () => (closing ??= closeLog()),
  };
}

function wake(partition: LogPartition): void {
  for (const reader of [...partition.readers]) reader.wake();
}

function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw toLogError(error);
  }
}

function rethrow(error: unknown): never {
  throw toLogError(error);
}

function openOrRelease<T>(open: () => T, release: () => void): T {
  try {
    return open();
  } catch (error) {
    release();
    throw error;
  }
}
