import { beforeAll, describe, expect, it } from 'vitest';
import { expectDense, newest, newGroup, people, say, sayAll, syncAll, texts } from './chats.ts';
import { newId } from './names.ts';
import type { Fields, WsClient } from './ws-client.ts';
import type { Loose } from './loose.ts';

const COUNT = 25;
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

interface PageCase {
  name: string;
  fields: Fields;
  seqs: number[];
  older: boolean;
  newer: boolean;
}

const PAGES: PageCase[] = [
  { name: 'no position: the newest', fields: { limit: 10 }, seqs: range(16, 25), older: true, newer: false },
  { name: 'the whole chat', fields: {}, seqs: range(1, 25), older: false, newer: false },
  { name: 'before', fields: { before: 16, limit: 10 }, seqs: range(6, 15), older: true, newer: true },
  { name: 'before, at the beginning', fields: { before: 6, limit: 10 }, seqs: range(1, 5), older: false, newer: true },
  { name: 'before the first', fields: { before: 1, limit: 10 }, seqs: [], older: false, newer: true },
  {
    name: 'before far above the head',
    fields: { before: 1_000, limit: 3 },
    seqs: range(23, 25),
    older: true,
    newer: false,
  },
  { name: 'after', fields: { after: 5, limit: 10 }, seqs: range(6, 15), older: true, newer: true },
  { name: 'after 0', fields: { after: 0, limit: 10 }, seqs: range(1, 10), older: false, newer: true },
  { name: 'after, to the end', fields: { after: 20, limit: 10 }, seqs: range(21, 25), older: true, newer: false },
  { name: 'after the head', fields: { after: 25, limit: 10 }, seqs: [], older: true, newer: false },
  { name: 'a single message', fields: { before: 8, limit: 1 }, seqs: [7], older: true, newer: true },
];

describe('history', () => {
  let alice: WsClient;
  let chat: string;

  beforeAll(async () => {
    [alice] = await people('alice');
    chat = await newGroup(alice, []);
    await sayAll(alice, chat, texts('m', COUNT));
  });

  for (const { name, fields, seqs, older, newer } of PAGES) {
    it(`pages: ${name}`, async () => {
      const page = await alice.ok('history', { chat, ...fields });
      expect(page['messages'].map((message: Loose) => message.seq)).toEqual(seqs);
      expect(page).toMatchObject({ hasOlder: older, hasNewer: newer, head: { seq: COUNT, rev: COUNT + 1 } });
      const authors = seqs.slice(0, 1).map(() => alice.user);
      expect(page['users'].map((user: Loose) => user.id)).toEqual(expect.arrayContaining(authors));
    });
  }

  it('pages: around contains the message and is dense', async () => {
    for (const around of [1, 2, 13, 24, 25]) {
      const page = await alice.ok('history', { chat, around, limit: 9 });
      const seqs: number[] = page['messages'].map((message: Loose) => message.seq);
      expect(seqs).toContain(around);
      expect(seqs).toEqual(range(seqs[0]!, seqs.at(-1)!));
      expect(seqs.length).toBeLessThanOrEqual(9);
      expect(page).toMatchObject({ hasOlder: seqs[0]! > 1, hasNewer: seqs.at(-1)! < COUNT });
    }
  });

  it('pages: backwards and forwards through the whole chat, once each', async () => {
    const back: number[] = [];
    let page = await alice.ok('history', { chat, limit: 7 });
    back.unshift(...page['messages'].map((m: Loose) => m.seq));
    while (page['hasOlder']) {
      page = await alice.ok('history', { chat, before: back[0], limit: 7 });
      back.unshift(...page['messages'].map((m: Loose) => m.seq));
    }
    expect(back).toEqual(range(1, COUNT));
    const forth: number[] = [];
    do {
      page = await alice.ok('history', { chat, after: forth.at(-1) ?? 0, limit: 4 });
      forth.push(...page['messages'].map((m: Loose) => m.seq));
    } while (page['hasNewer']);
    expect(forth).toEqual(range(1, COUNT));
  });

  it('takes one position and a limit of 1 to 100', async () => {
    await alice.refused('invalid', 'history', { chat, before: 5, after: 2 });
    await alice.refused('invalid', 'history', { chat, around: 5, after: 2 });
    expect((await alice.refused('invalid', 'history', { chat, limit: 101 })).path).toBe('limit');
    expect((await alice.refused('invalid', 'history', { chat, limit: 0 })).path).toBe('limit');
    expect((await alice.refused('invalid', 'history', { chat, before: '5' })).path).toBe('before');
    await alice.refused('not_found', 'history', { chat: newId() });
  });

  it('messages.get gives the messages asked for, as in history', async () => {
    const { messages, head } = await alice.ok('messages.get', { chat, seqs: [3, 25, 1, 999] });
    expect(messages.map((m: Loose) => m.seq).toSorted((a: number, b: number) => a - b)).toEqual([1, 3, 25]);
    expect(messages).toContainEqual((await alice.ok('history', { chat, around: 3, limit: 1 }))['messages'][0]);
    expect(head).toMatchObject({ seq: COUNT, rev: COUNT + 1 });
    await alice.refused('too_large', 'messages.get', { chat, seqs: range(1, 101) });
  });
});

describe('history of a chat', () => {
  it('without messages is an empty page with a head', async () => {
    const [alice] = await people('alice');
    const chat = await newGroup(alice, []);
    const page = await alice.ok('history', { chat });
    expect(page).toMatchObject({ messages: [], hasOlder: false, hasNewer: false, head: { seq: 0, rev: 1 } });
    expect(page['notices']).toMatchObject([{ type: 'chat.created', rev: 1 }]);
  });

  it('gives 50 messages when no limit is named, 100 at most', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const chat = await newGroup(alice, [bob]);
    await Promise.all([sayAll(alice, chat, texts('a', 60)), sayAll(bob, chat, texts('b', 60))]);
    expect(await newest(alice, chat)).toHaveLength(50);
    expect(await newest(alice, chat, { limit: 100 })).toHaveLength(100);
  });

  it('has the notices of its pages in order of rev: creation, people, roles, title', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const chat = await newGroup(alice, []);
    await say(alice, chat, 'one');
    await alice.ok('member.add', { chat, users: [bob.user] });
    await say(alice, chat, 'two');
    await alice.ok('member.role', { chat, user: bob.user, role: 'admin' });
    await alice.ok('chat.update', { chat, title: 'New' });
    await alice.ok('message.edit', { chat, seq: 1, text: 'uno' });
    await alice.ok('reaction.set', { chat, seq: 1, emoji: '👍', on: true });
    await alice.ok('member.remove', { chat, user: bob.user });
    const page = await alice.ok('history', { chat });
    expect(page['notices'].map((notice: Loose) => notice.type)).toEqual([
      'chat.created',
      'member.added',
      'member.role',
      'chat.updated',
      'member.removed',
    ]);
    const live = await syncAll(alice, chat);
    for (const notice of page['notices']) expect(live).toContainEqual(notice);
  });

  it('ends a page early at 256 KiB and says that there is more', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const chat = await newGroup(alice, [bob]);
    const big = texts('x'.repeat(16_000), 40);
    await Promise.all([sayAll(alice, chat, big.slice(0, 20)), sayAll(bob, chat, big.slice(20))]);
    let seen = await newest(alice, chat, { limit: 100 });
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.length).toBeLessThan(40);
    expect(seen.at(-1).seq).toBe(40);
    for (let pages = 0; pages < 40 && seen[0].seq > 1; pages++) {
      const page = await alice.ok('history', { chat, before: seen[0].seq, limit: 100 });
      expect(page['hasOlder']).toBe(page['messages'][0].seq > 1);
      expect(JSON.stringify(page).length).toBeLessThan(300_000);
      seen = page['messages'].concat(seen);
    }
    expect(seen.map((message) => message.seq)).toEqual(range(1, 40));
    expectDense(await syncAll(alice, chat), 1);
  });

  it("shows a head at or above everything this connection was told, with that state's content", async () => {
    const [alice] = await people('alice');
    const chat = await newGroup(alice, []);
    for (let i = 1; i <= 20; i++) {
      const { rev } = await say(alice, chat, `m${i}`);
      const page = await alice.ok('history', { chat, limit: 1 });
      expect(page['head'].rev).toBeGreaterThanOrEqual(rev);
      expect(page['messages']).toMatchObject([{ seq: i, text: `m${i}` }]);
    }
  });
});
