import { emptyChat } from '@garam/domain/chat-state';
import type { Store } from '@garam/store/store';
import { createMetrics } from '@garam/telemetry/meter';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { Client } from 'cassandra-driver';
import { openClient } from './client/open-client.ts';
import { createCassandraStore } from './create-cassandra-store.ts';
import { optionsFor } from './testing/open-test-store.ts';

const T = 1_795_000_000_000_000;
const SETTINGS = { join: 'invite', history: 'joined', send: 'all', invite: 'all' } as const;
const EACH_MS = 120_000;
const TITLED = { type: 'chat.updated', title: 't' } as const;
const NUMBERS = { offset: 1, seq: 1, rev: 1, clock: T, answeredClock: T, attempt: 1, sentAt: 1 };
const SENT = { actor: 'u1', clientId: 'k', ...NUMBERS, outcome: 'accepted', digest: 'd' } as const;

/** A keyspace of its own: all that is in it was written here. */
const keyspace = `k${randomUUID().replaceAll('-', '')}`;
const metrics = createMetrics();
let client: Client;
let store: Store;

beforeAll(async () => {
  const options = { ...optionsFor(inject('stack').store!), keyspace };
  store = await createCassandraStore({ ...options, meter: metrics.meter });
  client = await openClient(options, keyspace);
}, EACH_MS);
afterAll(async () => {
  await store.close();
  await client.execute(`DROP KEYSPACE ${keyspace}`, [], { prepare: false, readTimeout: 60_000 });
  await client.shutdown();
}, EACH_MS);

const users = (count: number) => Array.from({ length: count }, (_, index) => `u${index}`);

async function counted(kind: 'read' | 'write'): Promise<number> {
  const text = await metrics.render();
  return Number(new RegExp(`garam_store_statements_total\\{kind="${kind}"[^}]*\\} (\\d+)`).exec(text)?.[1] ?? 0);
}

const TABLES =
  'blocks chat_heads chat_states changes log_names member_timelines memberships_by_chat memberships_by_user messages notices reactions sent_ids users';

/** What the node met when it read whole tables: it says so in its trace of a query. */
async function readThrough(tables: string): Promise<{ rows: number; tombstones: number }> {
  const met = { rows: 0, tombstones: 0 };
  for (const table of tables.split(' ')) {
    const { info } = await client.execute(`SELECT * FROM ${table}`, [], { traceQuery: true });
    const { events } = await client.metadata.getTrace(info.traceId);
    for (const { activity } of events as { activity: string }[]) {
      const found = /^Read (\d+) live rows and (\d+) tombstone/.exec(activity);
      met.rows += Number(found?.[1] ?? 0);
      met.tombstones += Number(found?.[2] ?? 0);
    }
  }
  return met;
}

async function createChat(chat: string, members: readonly string[]): Promise<void> {
  const begun = { role: 'member', visibleFrom: 1, visibleFromRev: 1, joinedAt: 1, rev: 1, clock: T } as const;
  await store.writes.putMemberships(members.map((user) => ({ chat, user, ...begun })));
  const head = {
    seq: 0,
    rev: 1,
    clock: T,
    at: 1,
    kind: 'group',
    settings: SETTINGS,
    memberCount: members.length,
  } as const;
  await store.writes.putHeads([{ chat, ...head }]);
}

/** What the persister writes for one message. */
async function persistMessage(chat: string, seq: number, by: string): Promise<void> {
  const clock = T + seq;
  const rev = seq + 1;
  await store.writes.putMessages([{ chat, seq, rev, clock, by, clientId: `k${seq}`, kind: 'text', text: 'hello' }]);
  await store.writes.raiseMarks([{ chat, user: by, delivered: seq, read: seq }]);
  await store.writes.putHeads([{ chat, seq, rev, clock, at: seq }]);
}

test(
  'a message costs the same number of statements, whatever the size of its group',
  async () => {
    const costs: number[] = [];
    for (const size of [2, 20, 2_000]) {
      await createChat(`group-${size}`, users(size));
      const before = await counted('write');
      await persistMessage(`group-${size}`, 1, 'u1');
      costs.push((await counted('write')) - before);
    }
    // Of the four rows the two marks share a statement: the one node has all rows.
    expect(costs).toEqual([3, 3, 3]);
  },
  EACH_MS,
);

test('a page of messages is one statement, also with its reactions, and a batch of messages of a chat is one', async () => {
  const row = { chat: 'page', by: 'a', kind: 'text', text: 'x' } as const;
  const [writes, reads] = [await counted('write'), await counted('read')];
  await store.writes.putMessages(
    Array.from({ length: 50 }, (_, index) => ({ ...row, seq: index, rev: index, clock: T, clientId: `${index}` })),
  );
  expect((await counted('write')) - writes).toBe(1);
  expect(await store.reads.messages('page', 0, 49)).toHaveLength(50);
  expect((await counted('read')) - reads).toBe(1);
});

test(
  'no tombstone is ever written, whatever is written, changed, deleted or left',
  async () => {
    const { writes, users: people, sequencer, logNames } = store;
    const chat = 'busy';
    await createChat(chat, users(10));
    for (let seq = 1; seq <= 20; seq++) await persistMessage(chat, seq, 'u1');
    await writes.editMessages([{ chat, seq: 1, clock: T + 50, text: 'edited' }]);
    await writes.deleteMessages([{ chat, seq: 2, clock: T + 51 }]);
    for (const on of [true, false, true])
      await writes.putReactions([{ chat, seq: 1, emoji: '👍', user: 'u2', on, clock: T + 52 }]);
    await writes.putReactions([{ chat, seq: 1, emoji: '👍', user: 'u3', on: false, clock: T + 53 }]);
    await writes.putMemberships([{ chat, user: 'u3', role: null, leftAtSeq: 20, rev: 30, clock: T + 54 }]);
    await people.putProfile({ user: 'u1', name: 'N', avatar: 'a', at: 1 });
    await people.putProfile({ user: 'u1', name: 'N', at: 2 });
    await people.putPrefs('u1', chat, { muted: true }, 1);
    await people.putStanding('u1', { banned: true }, 1);
    await people.block('u1', 'u2', false, 1);
    await sequencer.saveMembers([{ chat, timeline: { user: 'u1', entries: [], trimmed: false }, clock: T }]);
    await logNames.put('log', { name: 'n', isComplete: false }, 1);
    await sequencer.saveSent([{ chat, entry: SENT }]);
    await sequencer.saveChats([{ state: { ...emptyChat(chat), clock: T }, logId: 'log' }]);
    await writes.putChanges([{ event: { chat, rev: 31, seq: 20, clock: T, by: 'a', body: TITLED }, notice: true }]);
    const { rows, tombstones } = await readThrough(TABLES);
    expect(tombstones).toBe(0);
    expect(rows).toBeGreaterThan(40);
    // The node would have told.
    await client.execute('UPDATE messages SET text = null WHERE chat = ? AND bucket = 0 AND seq = 3', [chat]);
    expect((await readThrough('messages')).tombstones).toBe(1);
  },
  EACH_MS,
);
