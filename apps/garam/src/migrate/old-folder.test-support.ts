import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toCommandRecord } from '@garam/contracts/log-records';
import { partitionOf } from '@garam/contracts/partition-of';
import { TOPICS } from '@garam/contracts/topics';
import type { EventLog } from '@garam/eventlog/event-log';
import { createSqliteEventLog } from '@garam/eventlog-sqlite/create-sqlite-event-log';
import { systemClock } from '@garam/runtime/system-clock';
import { adding, command, creation, text, type CommandFields } from '@garam/service-sequencer/testing/commands';
import { openSqlite } from '@garam/sqlite/open-sqlite';
import type { Store } from '@garam/store/store';
import { createSqliteStore } from '@garam/store-sqlite/sqlite-store';

export interface OpenFolder {
  log: EventLog;
  store: Store;
  close(): Promise<void>;
}

export const newFolder = () => mkdtempSync(join(tmpdir(), 'garam-migrate-'));

/** Log and store of a folder, which is made where it is not there. */
export function openFolder(folder: string, partitions?: number): OpenFolder {
  const file = openSqlite(join(folder, 'garam.db'), { clock: systemClock });
  const log = createSqliteEventLog(file, { clock: systemClock, ...(partitions === undefined ? {} : { partitions }) });
  const store = createSqliteStore(file);
  return {
    log,
    store,
    async close() {
      await log.close();
      await store.close();
    },
  };
}

export async function append(log: EventLog, commands: readonly CommandFields[]): Promise<void> {
  const appends = commands.map((fields) => {
    const record = command(fields, systemClock.now());
    return log.append(TOPICS.commands, toCommandRecord(record, partitionOf(record.chat, log.partitions)));
  });
  await Promise.all(appends);
}

export const CHATS = ['c1', 'c2', 'c3', 'c4', 'c5', 'c6'];

/** A folder whose log holds commands that nobody has decided, and rows that no event tells. */
export async function makeOldFolder(): Promise<string> {
  const folder = newFolder();
  const { log, store, close } = openFolder(folder);
  for (const chat of CHATS) {
    const said = Array.from({ length: 12 }, (_, index) => ({
      chat,
      clientId: `m${index}`,
      body: text(`${chat} ${index}`),
    }));
    await append(log, [
      { chat, clientId: `create ${chat}`, body: creation('bob') },
      ...said,
      { chat, clientId: 'add', body: adding('carol') },
      { chat, clientId: 'edit', body: { type: 'message.edit', seq: 2, author: 'alice', text: 'edited' } },
      { chat, clientId: 'delete', body: { type: 'message.delete', seq: 3, author: 'alice' } },
      { chat, actor: 'bob', clientId: 'like', body: { type: 'reaction.set', seq: 1, emoji: '👍', on: true } },
      { chat, clientId: 'remove', body: { type: 'member.remove', user: 'carol' } },
    ]);
  }
  await append(log, [{ chat: 'nowhere', clientId: 'lost', body: text('is there anybody') }]);
  await store.users.putProfile({ user: 'alice', name: '앨리스', avatar: 'a', at: 5 });
  await store.users.putProfile({ user: 'bob', name: 'Bob', at: 6 });
  await store.users.touch('bob', 7_000);
  await store.users.putStanding('mallory', { banned: true }, 8);
  await store.users.putStanding('mallory', { silencedUntil: 99 }, 9);
  await store.users.putPrefs('bob', 'c1', { muted: true }, 10);
  await store.users.putPrefs('bob', 'c1', { pinned: true, hiddenThroughSeq: 4 }, 11);
  await store.users.block('bob', 'mallory', true, 12);
  await store.users.block('bob', 'carol', true, 13);
  await store.users.block('bob', 'carol', false, 14);
  await store.writes.raiseMarks([{ chat: 'c1', user: 'bob', delivered: 20, read: 12 }]);
  await close();
  return folder;
}
