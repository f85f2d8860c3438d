import { describe, expect, it } from 'vitest';
import { newDirect, newest, newGroup, people, say, sayAll, summaryOf, texts } from './chats.ts';
import { newId } from './names.ts';
import { eventually, nextMillisecond } from './waiting.ts';
import { connect, type WsClient } from './ws-client.ts';
import type { Loose } from './loose.ts';

const ids = (page: Loose): string[] => page.chats.map((summary: Loose) => summary.chat);

/** The whole list, page by page. */
async function listAll(client: WsClient, limit: number): Promise<string[]> {
  const found: string[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < 50; pages++) {
    const page: Loose = await client.ok('chats.list', { limit, ...(cursor === undefined ? {} : { cursor }) });
    expect(page.chats.length).toBeLessThanOrEqual(limit);
    found.push(...ids(page));
    cursor = page.next;
    if (cursor === undefined) return found;
  }
  throw new Error('chats.list does not end');
}

describe('chats.list', () => {
  it('is empty for somebody new', async () => {
    const [alice] = await people('alice');
    const page = await alice.ok('chats.list');
    expect(page).toMatchObject({ chats: [], unreadTotal: 0 });
    expect(page['next']).toBeUndefined();
  });

  it('shows a chat with everything a chat screen needs', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const settings = { join: 'open', history: 'all', send: 'all', invite: 'admins' };
    const chat = await newGroup(alice, [bob], { title: '가람 팀', avatar: 'att_1', settings });
    const sent = await say(alice, chat, 'hello');
    const page = await bob.ok('chats.list');
    expect(page['chats']).toHaveLength(1);
    expect(page['chats'][0]).toMatchObject({
      chat,
      kind: 'group',
      title: '가람 팀',
      avatar: 'att_1',
      role: 'member',
      memberCount: 2,
      settings,
      head: { seq: 1, rev: sent['rev'], at: sent['at'] },
      last: { seq: 1, rev: sent['rev'], at: sent['at'], by: alice.user, kind: 'text', text: 'hello' },
      visibleFrom: 1,
      read: 0,
      delivered: 0,
      unread: 1,
      muted: false,
      pinned: false,
      hidden: false,
    });
    expect(page['unreadTotal']).toBe(1);
    expect(page['users']).toContainEqual(expect.objectContaining({ id: alice.user, name: 'ALICE' }));
  });

  it('names the other person of a direct chat as peer, for both', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const chat = await newDirect(alice, bob);
    expect(await summaryOf(alice, chat)).toMatchObject({ kind: 'direct', peer: { id: bob.user, name: 'BOB' } });
    expect(await summaryOf(bob, chat)).toMatchObject({ kind: 'direct', peer: { id: alice.user, name: 'ALICE' } });
    expect((await summaryOf(alice, chat)).title).toBeUndefined();
  });

  it('orders by newest message or joining, pinned chats first', async () => {
    const [alice] = await people('alice');
    const chats: string[] = [];
    for (const title of ['one', 'two', 'three', 'four']) {
      chats.push(await newGroup(alice, [], { title }));
      await nextMillisecond();
    }
    const [one, two, three, four] = chats as [string, string, string, string];
    await say(alice, two, 'up');
    await nextMillisecond();
    await say(alice, one, 'further up');
    expect(ids(await alice.ok('chats.list'))).toEqual([one, two, four, three]);
    await alice.ok('chat.prefs', { chat: three, pinned: true });
    expect(ids(await alice.ok('chats.list'))).toEqual([three, one, two, four]);
    await nextMillisecond();
    await say(alice, four, 'newest, but not pinned');
    expect(ids(await alice.ok('chats.list'))).toEqual([three, four, one, two]);
    await alice.ok('chat.prefs', { chat: three, pinned: false });
    expect(ids(await alice.ok('chats.list'))).toEqual([four, one, two, three]);
  });

  it('pages through all chats once, whatever the limit', async () => {
    const [alice] = await people('alice');
    const chats: string[] = [];
    for (let i = 0; i < 7; i++) chats.push(await newGroup(alice, [], { title: `chat ${i}` }));
    await alice.ok('chat.prefs', { chat: chats[2], pinned: true });
    const whole = ids(await alice.ok('chats.list', { limit: 100 }));
    expect(whole.toSorted()).toEqual(chats.toSorted());
    for (const limit of [1, 2, 3, 7]) expect(await listAll(alice, limit)).toEqual(whole);
  });

  it('adds up what is unread over all chats, not only those of the page', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const one = await newGroup(alice, [bob]);
    const two = await newDirect(alice, bob);
    await sayAll(alice, one, texts('a', 3));
    await sayAll(alice, two, texts('b', 2));
    expect((await bob.ok('chats.list'))['unreadTotal']).toBe(5);
    expect((await bob.ok('chats.list', { limit: 1 }))['unreadTotal']).toBe(5);
    await bob.ok('read', { chat: one, seq: 3 });
    await eventually(async () => expect((await bob.ok('chats.list'))['unreadTotal']).toBe(2));
    expect((await alice.ok('chats.list'))['unreadTotal']).toBe(0);
  });

  it('cuts the text of the last message at 200 characters', async () => {
    const [alice] = await people('alice');
    const chat = await newGroup(alice, []);
    const text = '가'.repeat(500);
    await say(alice, chat, text);
    const { last } = await summaryOf(alice, chat);
    expect(last.text.length).toBeLessThanOrEqual(200);
    expect(text.startsWith(last.text.slice(0, 100))).toBe(true);
    expect((await newest(alice, chat))[0].text).toBe(text);
  });

  it('shows a deleted last message without its text', async () => {
    const [alice] = await people('alice');
    const chat = await newGroup(alice, []);
    await say(alice, chat, 'a secret');
    await alice.ok('message.delete', { chat, seq: 1 });
    const summary = await summaryOf(alice, chat);
    expect(summary.last).toMatchObject({ seq: 1, deleted: expect.any(Number) });
    expect(JSON.stringify(summary)).not.toContain('a secret');
  });

  it('refuses a limit over 100, of 0, and a cursor that is none', async () => {
    const [alice] = await people('alice');
    expect((await alice.refused('invalid', 'chats.list', { limit: 101 })).path).toBe('limit');
    expect((await alice.refused('invalid', 'chats.list', { limit: 0 })).path).toBe('limit');
    expect((await alice.refused('invalid', 'chats.list', { cursor: 5 })).path).toBe('cursor');
  });
});

describe('chat.get', () => {
  it('is the Summary of chats.list', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const chat = await newGroup(alice, [bob]);
    await say(alice, chat, 'hello');
    const listed = (await bob.ok('chats.list'))['chats'][0];
    expect(await summaryOf(bob, chat)).toEqual(listed);
  });

  it('answers a chat one is not in exactly like one that does not exist', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const chat = await newGroup(alice, []);
    const foreign = await bob.refused('not_found', 'chat.get', { chat });
    const missing = await bob.refused('not_found', 'chat.get', { chat: newId() });
    expect(foreign).toEqual(missing);
  });
});

describe('users.get', () => {
  it('gives names and omits ids nobody has used', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const { users } = await alice.ok('users.get', { users: [bob.user, newId(), alice.user] });
    expect(users).toHaveLength(2);
    expect(users).toContainEqual(expect.objectContaining({ id: bob.user, name: 'BOB' }));
    expect(users).toContainEqual(expect.objectContaining({ id: alice.user, name: 'ALICE' }));
  });

  it('takes at most 200', async () => {
    const [alice] = await people('alice');
    await alice.ok('users.get', { users: Array.from({ length: 200 }, () => newId()) });
    await alice.refused('too_large', 'users.get', { users: Array.from({ length: 201 }, () => newId()) });
  });
});

describe('chat.prefs', () => {
  it('are stored, merged and told to the own devices only', async () => {
    const [phone, bob] = await people('alice', 'bob');
    const laptop = await connect(phone.user);
    const chat = await newGroup(phone, [bob]);
    await phone.ok('chat.prefs', { chat, muted: true });
    await laptop.push('chat.prefs', (push) => push['chat'] === chat && push['muted'] === true);
    await phone.ok('chat.prefs', { chat, pinned: true });
    const push = await laptop.push('chat.prefs', (frame) => frame['pinned'] === true);
    expect(push).toMatchObject({ chat, muted: true, pinned: true, hidden: false });
    expect(await summaryOf(laptop, chat)).toMatchObject({ muted: true, pinned: true, hidden: false });
    expect(await summaryOf(bob, chat)).toMatchObject({ muted: false, pinned: false, hidden: false });
    expect(bob.pushes('chat.prefs')).toEqual([]);
  });

  it('hidden lasts until the next message', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const chat = await newGroup(alice, [bob]);
    await say(bob, chat, 'one');
    await alice.ok('chat.prefs', { chat, hidden: true });
    expect(await summaryOf(alice, chat)).toMatchObject({ hidden: true });
    const sent = await say(bob, chat, 'two');
    await alice.eventAt(chat, sent['rev']);
    expect(await summaryOf(alice, chat)).toMatchObject({ hidden: false });
  });

  it('belong to members only', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const chat = await newGroup(alice, []);
    await bob.refused('not_found', 'chat.prefs', { chat, muted: true });
    expect((await alice.refused('invalid', 'chat.prefs', { chat, muted: 'yes' })).path).toBe('muted');
  });
});
