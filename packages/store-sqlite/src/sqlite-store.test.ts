import { emptyChat, type SentEntry } from '@garam/domain/chat-state';
import { systemClock } from '@garam/runtime/system-clock';
import { openSqlite } from '@garam/sqlite/open-sqlite';
import { StoreError } from '@garam/store/store';
import { storeContract } from '@garam/testkit/store-contract';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createSqliteStore } from './sqlite-store.ts';

const DAY_US = 24 * 60 * 60 * 1_000_000;
const T = 1_795_000_000_000_000;

const inMemory = () => createSqliteStore(openSqlite(':memory:', { clock: systemClock }));

storeContract('sqlite', async () => {
  const store = inMemory();
  return { store, dispose: () => store.close() };
});

function entryOf(clientId: string, answeredClock: number): SentEntry {
  const numbers = { offset: 1, seq: 1, rev: 1, clock: answeredClock, answeredClock, attempt: 1, sentAt: 1 };
  return { actor: 'alice', clientId, ...numbers, outcome: 'accepted', digest: 'd' };
}

describe('the SQLite store', () => {
  it('keeps what was acknowledged when the file is opened again', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'garam-store-'));
    try {
      const path = join(folder, 'garam.db');
      const first = createSqliteStore(openSqlite(path, { clock: systemClock }));
      const state = { ...emptyChat('c'), kind: 'group' as const, clock: T, lastOffset: 3 };
      await first.sequencer.saveChats([{ state, logId: 'log' }]);
      await first.close();
      const second = createSqliteStore(openSqlite(path, { clock: systemClock }));
      expect(await second.sequencer.loadChat('c')).toEqual({ state, logId: 'log' });
      await second.close();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('drops sent entries 14 days after the newest one saved, and none younger', async () => {
    const { sequencer, close } = inMemory();
    await sequencer.saveSent([
      { chat: 'c', entry: entryOf('old', T) },
      { chat: 'c', entry: entryOf('young', T + 2) },
    ]);
    await sequencer.saveSent([{ chat: 'other', entry: entryOf('new', T + 1 + 14 * DAY_US) }]);
    expect(await sequencer.loadSent('c', 'alice', 'old')).toEqual([]);
    expect(await sequencer.loadSent('c', 'alice', 'young')).toHaveLength(1);
    await close();
  });

  it('drops states of chats that never came to be after 14 days, and never others', async () => {
    const { sequencer, close } = inMemory();
    const save = (chat: string, kind: 'group' | null, clock: number) =>
      sequencer.saveChats([{ state: { ...emptyChat(chat), kind, clock, lastOffset: 1 }, logId: 'log' }]);
    await save('refusals', null, T);
    await save('came to be', null, T);
    await save('came to be', 'group', T + 1);
    await save('new', 'group', T + 1 + 14 * DAY_US);
    expect(await sequencer.loadChat('refusals')).toBeNull();
    expect((await sequencer.loadChat('came to be'))?.state.kind).toBe('group');
    await close();
  });

  it('leaves no content of a deleted message in the file, whatever is written later', async () => {
    const file = openSqlite(':memory:', { clock: systemClock });
    const { writes, close } = createSqliteStore(file);
    const message = {
      chat: 'c',
      seq: 1,
      rev: 1,
      clock: T,
      by: 'a',
      clientId: 'k',
      kind: 'text',
      text: 'secret',
    } as const;
    await writes.deleteMessages([{ chat: 'c', seq: 1, clock: T + 1 }]);
    await writes.editMessages([{ chat: 'c', seq: 1, clock: T + 9, text: 'secret', data: '{}', mentions: [] }]);
    await writes.putMessages([message]);
    const row = file.read('SELECT rev, text, data, mentions, attachments FROM messages').get();
    expect({ ...row }).toEqual({ rev: 1, text: null, data: null, mentions: null, attachments: null });
    await close();
  });

  it('out of reach, every write and read rejects with StoreError', async () => {
    const store = inMemory();
    await store.close();
    await expect(store.writes.raiseMarks([{ chat: 'c', user: 'u', delivered: 1, read: 1 }])).rejects.toThrow(
      StoreError,
    );
    await expect(store.reads.heads(['c'])).rejects.toThrow(StoreError);
    await expect(store.sequencer.loadChat('c')).rejects.toThrow(StoreError);
  });
});
