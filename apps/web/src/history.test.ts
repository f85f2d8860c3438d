import type { ChatEvent, Message, Summary } from '@garam/protocol/entities';
import { expect, test } from 'vitest';
import { catchUp, loadNewest, loadOlder, take } from '../public/js/history.js';
import { createState, newChat } from '../public/js/state.js';

const SETTINGS = { join: 'invite', history: 'joined', send: 'all', invite: 'all' } as const;

/** A chat whose n-th event is its n-th message, as a server would hold it, and a client that has it loaded up to `held`. */
function setUp(total: number, held: number) {
  const events: ChatEvent[] = Array.from({ length: total }, (_, i) => ({
    chat: 'c',
    rev: i + 1,
    at: i + 1,
    by: 'bob',
    type: 'message.created',
    message: { seq: i + 1, clientId: `id-${i + 1}`, kind: 'text', text: `text ${i + 1}` },
  }));
  const messages = events.map(({ rev, at }): Message => ({
    seq: rev,
    rev,
    at,
    by: 'bob',
    clientId: `id-${rev}`,
    kind: 'text',
  }));
  const head = { seq: held, rev: held, at: held };
  const summary: Summary = {
    chat: 'c',
    kind: 'group',
    role: 'member',
    memberCount: 2,
    settings: SETTINGS,
    head,
    visibleFrom: 1,
    read: 0,
    delivered: 0,
    unread: 0,
    muted: false,
    pinned: false,
    hidden: false,
  };
  const chat = newChat(summary);
  chat.loaded = held > 0;
  chat.messages = messages.slice(0, held);
  const asked: string[] = [];
  const reloads: string[] = [];
  const page = { head: { seq: total, rev: total }, users: [], notices: [] };
  const server = {
    syncPage: 3,
    reset: false,
    reply(type: string, fields: Record<string, number>): unknown {
      asked.push(type);
      if (type === 'history') {
        const end = fields['before'] ? fields['before'] - 1 : total;
        const start = Math.max(0, end - (fields['limit'] ?? 50));
        return { ...page, messages: messages.slice(start, end), hasOlder: start > 0 };
      }
      if (server.reset) return { reset: true, head: page.head };
      const rev = fields['rev'] ?? 0;
      const some = events.slice(rev, rev + server.syncPage);
      return { ...page, events: some, more: rev + some.length < total };
    },
  };
  const context = {
    state: createState({ id: 'me', name: 'Me' }),
    request: async <T>(type: string, fields: object, apply: (ok: unknown) => T) =>
      apply(server.reply(type, fields as Record<string, number>)),
    settle: () => undefined,
    refresh: () => undefined,
    reload: () => void reloads.push('c'),
  };
  const seqs = () => chat.messages.map((message) => message.seq);
  return { chat, events, context, server, asked, reloads, seqs };
}

test('an event above a hole is not shown; sync fills the hole page by page, in order, without duplicates', async () => {
  const { chat, events, context, asked, seqs } = setUp(10, 2);
  expect(take(context, chat, events[9]!)).toBe(false);
  expect(seqs()).toEqual([1, 2]);
  await catchUp(context, chat, 10);
  expect(seqs()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(asked).toEqual(['sync', 'sync', 'sync']);
  expect(take(context, chat, events[5]!)).toBe(true);
  expect(seqs()).toHaveLength(10);
});

test('a reset drops the messages and reads the chat again', async () => {
  const { chat, context, server, reloads, seqs } = setUp(10, 2);
  server.reset = true;
  await catchUp(context, chat);
  expect(seqs()).toEqual([]);
  expect(chat.loaded).toBe(false);
  expect(reloads).toEqual(['c']);
});

test('a sync that cannot reach the head does not go round for ever', async () => {
  const { chat, context, server, asked, reloads } = setUp(10, 2);
  server.syncPage = 0;
  await catchUp(context, chat);
  expect(asked).toEqual(['sync']);
  expect(reloads).toEqual(['c']);
});

test('far behind the head the newest page is taken instead of every event', async () => {
  const { chat, context, asked, reloads } = setUp(10, 2);
  await catchUp(context, chat, 1_000_000);
  expect(asked).toEqual([]);
  expect(reloads).toEqual(['c']);
});

test('the newest page sets the cursor, older pages join it without a gap', async () => {
  const { chat, context, seqs } = setUp(120, 0);
  await loadNewest(context, chat);
  expect(seqs().at(0)).toBe(71);
  expect(chat.summary.head.rev).toBe(120);
  await loadOlder(context, chat);
  await loadOlder(context, chat);
  await loadOlder(context, chat);
  expect(seqs()).toEqual(Array.from({ length: 120 }, (_, i) => i + 1));
  expect(chat.hasOlder).toBe(false);
});

test('a page that was asked for before the messages were dropped is ignored', async () => {
  const { chat, context, server, seqs } = setUp(120, 0);
  await loadNewest(context, chat);
  const late = loadOlder(
    {
      ...context,
      request: async (type, fields, apply) => {
        const reply = server.reply(type, fields as Record<string, number>);
        chat.epoch++;
        return apply(reply);
      },
    },
    chat,
  );
  await late;
  expect(seqs()).toHaveLength(50);
});
