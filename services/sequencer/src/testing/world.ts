import { encodeCommand } from '@garam/contracts/command-codec';
import { decodeEvent } from '@garam/contracts/event-codec';
import type { EventRecord } from '@garam/contracts/event-record';
import { decodeReply } from '@garam/contracts/reply-codec';
import type { ReplyRecord } from '@garam/contracts/reply-record';
import { TOPICS } from '@garam/contracts/topics';
import type { EventLog, LogRecord } from '@garam/eventlog/event-log';
import { createSqliteEventLog } from '@garam/eventlog-sqlite/create-sqlite-event-log';
import { openSqlite } from '@garam/sqlite/open-sqlite';
import type { Store } from '@garam/store/store';
import { createSqliteStore } from '@garam/store-sqlite/sqlite-store';
import { createManualClock, type ManualClock } from '@garam/testkit/manual-clock';
import { command, type CommandFields } from './commands.ts';

/** What outlives owners of a partition: the log, the store, the committed position. And the time. */
export interface World {
  readonly clock: ManualClock;
  readonly log: EventLog;
  readonly store: Store;
  committed: number;
  /** Appends commands one after the other, a second apart. `bytes`: not a command at all. */
  append(...commands: (CommandFields | { bytes: Uint8Array })[]): Promise<void>;
  commands(): Promise<LogRecord[]>;
  events(): Promise<EventRecord[]>;
  eventBytes(): Promise<string[]>;
  replies(): Promise<ReplyRecord[]>;
  records(topic: string): Promise<LogRecord[]>;
  close(): Promise<void>;
}

const ALL = 10_000;

/** Real adapters on a database in memory, one partition, time by hand. */
export async function createWorld(): Promise<World> {
  const clock = createManualClock();
  const file = openSqlite(':memory:', { clock });
  const log = createSqliteEventLog(file, { clock, partitions: 1 });
  const store = createSqliteStore(file);
  const records = (topic: string) => log.read(topic, 0, 0, ALL);
  return {
    clock,
    log,
    store,
    committed: 0,
    records,
    async append(...commands) {
      for (const fields of commands) {
        await clock.advance(1_000);
        const isRaw = 'bytes' in fields;
        const value = isRaw ? fields.bytes : encodeCommand(command(fields, clock.now()));
        await log.append(TOPICS.commands, { partition: 0, key: isRaw ? 'c1' : (fields.chat ?? 'c1'), value });
      }
    },
    commands: () => records(TOPICS.commands),
    events: async () => (await records(TOPICS.events)).map(({ value }) => decodeEvent(value)!),
    eventBytes: async () => (await records(TOPICS.events)).map(({ value }) => Buffer.from(value).toString('hex')),
    replies: async () => (await records(TOPICS.replies)).map(({ value }) => decodeReply(value)!),
    async close() {
      await log.close();
      await store.close();
    },
  };
}
