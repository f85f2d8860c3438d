import { emptyChat } from '@garam/domain/chat-state';
import type { Store } from '@garam/store/store';
import type { MessageRow } from '@garam/store/view-writes';
import { randomUUID } from 'node:crypto';
import type { Client } from 'cassandra-driver';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { openClient } from './client/open-client.ts';
import { openTestStore, optionsFor } from './testing/open-test-store.ts';

const T = 1_795_000_000_000_000;
const FORTNIGHT_S = 14 * 24 * 60 * 60;

let store: Store;
let client: Client;
beforeAll(async () => {
  store = await openTestStore({});
  client = await openClient(optionsFor(inject('stack').store!), 'garam');
});
afterAll(async () => {
  await store.close();
  await client.shutdown();
});

const cellsOf = async (cql: string, params: unknown[]) => ({ ...(await client.execute(cql, params)).rows[0] });

test('no content of a deleted message is left in the row, whatever is written later', async () => {
  const chat = `chat-${randomUUID()}`;
  const message: MessageRow = { chat, seq: 1, rev: 1, clock: T, by: 'a', clientId: 'k', kind: 'text', text: 'secret' };
  await store.writes.deleteMessages([{ chat, seq: 1, clock: T + 1 }]);
  await store.writes.editMessages([{ chat, seq: 1, clock: T + 9, text: 'secret', data: '{}', mentions: [] }]);
  await store.writes.putMessages([message]);
  const cql = 'SELECT rev, text, data, mentions, attachments FROM messages WHERE chat = ? AND bucket = 0';
  const cells = await cellsOf(cql, [chat]);
  expect({ ...cells, rev: Number(cells['rev']) }).toEqual({
    rev: 1,
    text: '',
    data: '',
    mentions: '',
    attachments: '',
  });
});

test("what a message's row holds is as old as the chat's clock says, not as the wall's", async () => {
  const chat = `chat-${randomUUID()}`;
  await store.writes.putMessages([{ chat, seq: 1, rev: 1, clock: 5, by: 'a', clientId: 'k', kind: 'text', text: 'x' }]);
  await store.writes.editMessages([{ chat, seq: 1, clock: 9, text: 'y' }]);
  const cql = 'SELECT writetime(rev) AS rev, writetime(text) AS text FROM messages WHERE chat = ? AND bucket = 0';
  const cells = await cellsOf(cql, [chat]);
  expect([Number(cells['rev']), Number(cells['text'])]).toEqual([5, 9]);
});

test('only what the sequencer may forget expires: refusals and sent entries, after 14 days', async () => {
  const chat = `chat-${randomUUID()}`;
  const ttlOfChat = async () =>
    (await cellsOf('SELECT ttl(saved) AS left FROM chat_states WHERE chat = ?', [chat]))['left'];
  const state = { ...emptyChat(chat), clock: T, lastOffset: 1 };
  await store.sequencer.saveChats([{ state, logId: 'log' }]);
  expect(await ttlOfChat()).toBeGreaterThan(FORTNIGHT_S - 3_600);
  await store.sequencer.saveChats([{ state: { ...state, kind: 'group', clock: T + 1 }, logId: 'log' }]);
  await store.sequencer.saveChats([{ state, logId: 'log' }]);
  expect(await ttlOfChat()).toBeNull();
  const numbers = { offset: 1, seq: 1, rev: 1, clock: T, answeredClock: T, attempt: 1, sentAt: 1 };
  const entry = { actor: 'a', clientId: 'k', ...numbers, outcome: 'accepted', digest: 'd' } as const;
  await store.sequencer.saveSent([{ chat, entry }]);
  const cql = "SELECT ttl(entry) AS left FROM sent_ids WHERE chat = ? AND actor = 'a' AND client_id = 'k'";
  expect((await cellsOf(cql, [chat]))['left']).toBeGreaterThan(FORTNIGHT_S - 3_600);
});
