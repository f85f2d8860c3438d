import { describe, expect, it } from 'vitest';
import { added, expectDense, newest, newGroup, people, peopleAt, say, summaryOf, syncAll } from './chats.ts';
import { newId, sorted, userId, userIds } from './names.ts';
import { CHANNEL_MAX, GROUP_MAX } from './profiles.ts';
import { quiet } from './waiting.ts';
import { connect } from './ws-client.ts';
import type { Loose } from './loose.ts';

const OPEN = { settings: { join: 'open', history: 'joined', send: 'all', invite: 'all' } };

describe('member.add', () => {
  it('brings people in: event, chat.added with the starting cursor, list, messages', async () => {
    const [alice, bob, carol] = await people('alice', 'bob', 'carol');
    const chat = await newGroup(alice, [bob]);
    await say(alice, chat, 'before');
    const { rev } = await alice.ok('member.add', { chat, users: [carol.user] });
    expect(await bob.eventAt(chat, rev)).toMatchObject({
      type: 'member.added',
      by: alice.user,
      users: [carol.user],
    });
    const summary = await added(carol, chat);
    expect(summary).toMatchObject({ role: 'member', memberCount: 3, unread: expect.any(Number) });
    expect(summary.head.rev).toBeGreaterThanOrEqual(rev);
    const sent = await say(bob, chat, 'welcome');
    expect(await carol.eventAt(chat, sent['rev'])).toMatchObject({ message: { text: 'welcome' } });
    expectDense(
      carol.events(chat).filter((event) => event['rev'] > summary.head.rev),
      summary.head.rev + 1,
    );
  });

  it('of people who are in already is ok, unchanged', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const chat = await newGroup(alice, [bob]);
    expect(await alice.ok('member.add', { chat, users: [bob.user] })).toMatchObject({ rev: 1, unchanged: true });
    expect((await summaryOf(alice, chat)).memberCount).toBe(2);
  });

  it('takes at most 200 at once', async () => {
    const [alice] = await people('alice');
    const chat = await newGroup(alice, []);
    await alice.refused('too_large', 'member.add', { chat, users: userIds('m', 201) });
    await alice.ok('member.add', { chat, users: userIds('m', 200) });
    expect((await summaryOf(alice, chat)).memberCount).toBe(201);
  });

  it('refuses more than a group or a channel may hold as full, adding nobody', async () => {
    const [alice, bob] = await peopleAt('strict', 'alice', 'bob');
    const group = await newGroup(alice, [], OPEN);
    await alice.ok('member.add', { chat: group, users: userIds('m', GROUP_MAX - 2) });
    await alice.refused('full', 'member.add', { chat: group, users: userIds('n', 2) });
    expect((await summaryOf(alice, group)).memberCount).toBe(GROUP_MAX - 1);
    await alice.ok('member.add', { chat: group, users: [userId('last')] });
    await bob.refused('full', 'chat.join', { chat: group });
    await bob.refused('full', 'chat.create', { kind: 'group', members: userIds('x', GROUP_MAX) });
    const channel = await newGroup(alice, [], { ...OPEN, kind: 'channel' });
    await alice.ok('member.add', { chat: channel, users: userIds('m', CHANNEL_MAX - 1) });
    await bob.refused('full', 'chat.join', { chat: channel });
  });
});

describe('member.remove', () => {
  it("the removed person's last event is the removal; the chat is gone for them", async () => {
    const [alice, bob, carol] = await people('alice', 'bob', 'carol');
    const chat = await newGroup(alice, [bob, carol]);
    await say(alice, chat, 'one');
    const { rev } = await alice.ok('member.remove', { chat, user: bob.user });
    const event = await bob.eventAt(chat, rev);
    expect(event).toMatchObject({ type: 'member.removed', user: bob.user, by: alice.user });
    await bob.push('chat.removed', (push) => push['chat'] === chat);
    const later = await say(alice, chat, 'without bob');
    await carol.eventAt(chat, later['rev']);
    await quiet(bob);
    expect(bob.events(chat).at(-1)).toEqual(event);
    await bob.refused('not_found', 'history', { chat });
    await bob.refused('not_found', 'sync', { chat, seq: 1, rev });
    await bob.refused('not_found', 'message.send', { chat, kind: 'text', text: 'still here?' });
    expect((await bob.ok('chats.list'))['chats']).toEqual([]);
    expect((await summaryOf(alice, chat)).memberCount).toBe(2);
  });

  it('of somebody who is not in is ok, unchanged', async () => {
    const [alice] = await people('alice');
    const chat = await newGroup(alice, []);
    const reply = await alice.ok('member.remove', { chat, user: userId('nobody') });
    expect(reply).toMatchObject({ rev: 1, unchanged: true });
  });

  it('a message accepted before the removal is still answered ok when it is sent again after it', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const chat = await newGroup(alice, [bob]);
    const clientId = newId();
    const sent = await say(bob, chat, 'accepted', { clientId });
    await alice.ok('member.remove', { chat, user: bob.user });
    const again = await say(bob, chat, 'accepted', { clientId, attempt: 2 });
    expect(again).toMatchObject({ seq: sent['seq'], rev: sent['rev'], duplicate: true });
    expect(await newest(alice, chat)).toHaveLength(1);
  });

  it('somebody who comes back sees the chat from there on, not the time between', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const chat = await newGroup(alice, [bob], OPEN);
    await say(alice, chat, 'one');
    await alice.ok('member.remove', { chat, user: bob.user });
    await say(alice, chat, 'two');
    await alice.ok('member.add', { chat, users: [bob.user] });
    const summary = await summaryOf(bob, chat);
    expect(summary).toMatchObject({ visibleFrom: 3, unread: 0 });
    await say(alice, chat, 'three');
    expect((await newest(bob, chat)).map((message) => message.text)).toEqual(['three']);
    expect(JSON.stringify(bob.frames)).not.toContain('"two"');
  });
});

describe('chat.join and chat.leave', () => {
  it('anybody may join an open chat by its id', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const laptop = await connect(bob.user);
    const chat = await newGroup(alice, [], OPEN);
    const { chat: summary } = await bob.ok('chat.join', { chat });
    expect(summary).toMatchObject({ chat, role: 'member', memberCount: 2 });
    const event = await alice.event(chat, (frame) => frame['type'] === 'member.added');
    expect(event).toMatchObject({ by: bob.user, users: [bob.user] });
    expect(await added(laptop, chat)).toMatchObject({ role: 'member' });
    const sent = await say(alice, chat, 'hi bob');
    await bob.eventAt(chat, sent['rev']);
    await laptop.eventAt(chat, sent['rev']);
    expect(await bob.ok('chat.join', { chat })).toMatchObject({ unchanged: true });
  });

  it('a chat by invitation cannot be joined and does not show that it exists', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const chat = await newGroup(alice, [], { settings: { join: 'invite' } });
    const foreign = await bob.refused('not_found', 'chat.join', { chat });
    expect(await bob.refused('not_found', 'chat.join', { chat: newId() })).toEqual(foreign);
  });

  it('leaving ends the chat on all devices of the one who leaves', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const laptop = await connect(bob.user);
    const chat = await newGroup(alice, [bob]);
    const { rev } = await bob.ok('chat.leave', { chat });
    expect(await alice.eventAt(chat, rev)).toMatchObject({ type: 'member.removed', user: bob.user, by: bob.user });
    await bob.push('chat.removed', (push) => push['chat'] === chat);
    await laptop.push('chat.removed', (push) => push['chat'] === chat);
    await bob.refused('not_found', 'chat.leave', { chat });
    expect((await bob.ok('chats.list'))['chats']).toEqual([]);
  });

  it('history "joined": a newcomer sees nothing from before', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const chat = await newGroup(alice, [], OPEN);
    await say(alice, chat, 'old');
    await bob.ok('chat.join', { chat });
    await say(alice, chat, 'new');
    const page = await bob.ok('history', { chat });
    expect(page).toMatchObject({ messages: [{ seq: 2, text: 'new' }], hasOlder: false, hasNewer: false });
    expect((await bob.ok('messages.get', { chat, seqs: [1, 2] }))['messages']).toMatchObject([{ seq: 2 }]);
    await bob.refused('not_found', 'reaction.set', { chat, seq: 1, emoji: '👍', on: true });
    await bob.refused('invalid', 'message.send', { chat, kind: 'text', text: 're', replyTo: 1 });
    expect(await bob.ok('sync', { chat, seq: 0, rev: 0 })).toMatchObject({ reset: true, head: { seq: 2 } });
    expect(await summaryOf(bob, chat)).toMatchObject({ visibleFrom: 2, unread: 1 });
  });

  it('history "all": a newcomer sees everything', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const chat = await newGroup(alice, [], { settings: { ...OPEN.settings, history: 'all' } });
    await say(alice, chat, 'old');
    await bob.ok('chat.join', { chat });
    expect((await newest(bob, chat)).map((message) => message.text)).toEqual(['old']);
    expectDense(await syncAll(bob, chat), 1);
    expect(await summaryOf(bob, chat)).toMatchObject({ visibleFrom: 1, unread: 1 });
  });
});

describe('member.role', () => {
  it('is an event and takes effect at once', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const chat = await newGroup(alice, [bob]);
    await bob.refused('forbidden', 'chat.update', { chat, title: 'Mine' });
    const { rev } = await alice.ok('member.role', { chat, user: bob.user, role: 'admin' });
    expect(await bob.eventAt(chat, rev)).toMatchObject({ type: 'member.role', user: bob.user, role: 'admin' });
    await bob.ok('chat.update', { chat, title: 'Mine' });
    const again = await alice.ok('member.role', { chat, user: bob.user, role: 'admin' });
    expect(again).toMatchObject({ rev: rev + 1, unchanged: true });
  });

  it('giving ownership makes the giver admin; then the giver may leave', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const chat = await newGroup(alice, [bob]);
    await alice.ok('member.role', { chat, user: bob.user, role: 'owner' });
    expect(await summaryOf(alice, chat)).toMatchObject({ role: 'admin' });
    expect(await summaryOf(bob, chat)).toMatchObject({ role: 'owner' });
    expectDense(await syncAll(bob, chat), 1);
    await alice.ok('chat.leave', { chat });
    await bob.refused('not_found', 'member.role', { chat, user: alice.user, role: 'admin' });
  });
});

describe('members.list', () => {
  it('pages through everybody once, with roles, marks and names', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const others = userIds('m', 7);
    const chat = await newGroup(alice, [bob], { members: [bob.user, ...others] });
    await say(bob, chat, 'hi');
    const found: Loose[] = [];
    let cursor: string | undefined;
    do {
      const page: Loose = await alice.ok('members.list', { chat, limit: 4, ...(cursor ? { cursor } : {}) });
      expect(page.members.length).toBeLessThanOrEqual(4);
      found.push(...page.members);
      cursor = page.next;
    } while (cursor !== undefined && found.length < 50);
    expect(sorted(found.map((m) => m.user))).toEqual(sorted([alice.user, bob.user, ...others]));
    expect(found.find((m) => m.user === alice.user)).toMatchObject({ role: 'owner', from: 1 });
    expect(found.find((m) => m.user === others[0])).toEqual({
      user: others[0],
      role: 'member',
      from: 1,
      read: 0,
      delivered: 0,
    });
    const { users } = await alice.ok('members.list', { chat });
    expect(users).toContainEqual(expect.objectContaining({ id: bob.user, name: 'BOB' }));
  });
});
