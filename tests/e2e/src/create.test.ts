import { describe, expect, it } from 'vitest';
import { added, expectDense, newDirect, newGroup, people, say, summaryOf, syncAll } from './chats.ts';
import { newId, userId, userIds } from './names.ts';
import { eventually } from './waiting.ts';
import { connect } from './ws-client.ts';
import type { Loose } from './loose.ts';

describe('chat.create', () => {
  it('makes a group: the creator owns it, the others are members, everybody is told', async () => {
    const [alice, bob, carol] = await people('alice', 'bob', 'carol');
    const laptop = await connect(alice.user);
    const { chat: summary } = await alice.ok('chat.create', {
      kind: 'group',
      title: 'Team',
      members: [bob.user, carol.user],
    });
    const { chat } = summary;
    expect(chat).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
    expect(summary).toMatchObject({
      kind: 'group',
      title: 'Team',
      role: 'owner',
      memberCount: 3,
      head: { seq: 0, rev: 1 },
    });
    expect(summary).toMatchObject({ visibleFrom: 1, read: 0, delivered: 0, unread: 0, muted: false, pinned: false });
    expect(await added(bob, chat)).toMatchObject({ chat, role: 'member', memberCount: 3, head: { seq: 0, rev: 1 } });
    expect(await added(carol, chat)).toMatchObject({ role: 'member', title: 'Team' });
    expect(await added(laptop, chat)).toMatchObject({ role: 'owner' });
    const { members } = await carol.ok('members.list', { chat });
    const roles = Object.fromEntries(members.map((m: Loose) => [m.user, m.role]));
    expect(roles).toEqual({ [alice.user]: 'owner', [bob.user]: 'member', [carol.user]: 'member' });
  });

  it('begins the chat with one chat.created event', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const settings = { join: 'open', history: 'all', send: 'admins', invite: 'admins' };
    const chat = await newGroup(alice, [bob], { title: 'T', avatar: 'av', settings });
    const events = await syncAll(alice, chat);
    expect(events).toMatchObject([
      { chat, rev: 1, by: alice.user, type: 'chat.created', kind: 'group', title: 'T', avatar: 'av', settings },
    ]);
    expect(events[0].members).toContainEqual({ user: alice.user, role: 'owner' });
    expect(events[0].members).toContainEqual({ user: bob.user, role: 'member' });
    expect(events[0].at).toBeGreaterThan(1_600_000_000_000);
  });

  it('the head of chat.added is the starting cursor: live events go on right behind it', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const chat = await newGroup(alice, [bob]);
    const { head } = await added(bob, chat);
    for (const text of ['a', 'b', 'c']) await say(alice, chat, text);
    await bob.event(chat, (event) => event['message']?.text === 'c');
    expectDense(
      bob.events(chat).filter((event) => event['rev'] > head.rev),
      head.rev + 1,
    );
  });

  it('counts everybody once, the creator included', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const { chat } = await alice.ok('chat.create', { kind: 'group', members: [bob.user, bob.user, alice.user] });
    expect(chat).toMatchObject({ memberCount: 2, role: 'owner' });
  });

  it('takes settings in part and fills in the rest', async () => {
    const [alice] = await people('alice');
    const { chat } = await alice.ok('chat.create', { kind: 'group', members: [], settings: { history: 'all' } });
    expect(chat.settings).toMatchObject({
      history: 'all',
      join: expect.stringMatching(/^(invite|open)$/),
      send: expect.stringMatching(/^(all|admins)$/),
      invite: expect.stringMatching(/^(all|admins)$/),
    });
  });

  it('makes a channel', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const settings = { join: 'open', history: 'all', send: 'admins', invite: 'admins' };
    const chat = await newGroup(alice, [bob], { kind: 'channel', title: '공지', settings });
    expect(await summaryOf(bob, chat)).toMatchObject({ kind: 'channel', title: '공지', role: 'member', settings });
    await bob.refused('forbidden', 'message.send', { chat, kind: 'text', text: 'hi' });
    await say(alice, chat, 'news');
  });

  it('members may be people nobody has seen yet; they find the chat when they come', async () => {
    const [alice] = await people('alice');
    const later = userId('later');
    const { chat } = await alice.ok('chat.create', { kind: 'group', members: [later] });
    await say(alice, chat.chat, 'waiting for you');
    const client = await connect(later);
    await eventually(async () => {
      expect((await client.ok('chats.list'))['chats']).toMatchObject([{ chat: chat.chat, unread: 1 }]);
    });
  });

  it('sent again with the same clientId is the same chat', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const fields = { kind: 'group', title: 'Once', members: [bob.user], clientId: newId() };
    const first = await alice.ok('chat.create', fields);
    const again = await alice.ok('chat.create', { ...fields, attempt: 2 });
    expect(again).toMatchObject({ duplicate: true, chat: { chat: first['chat'].chat, head: { rev: 1 } } });
    expect((await alice.ok('chats.list'))['chats']).toHaveLength(1);
    await alice.refused('id_conflict', 'chat.create', { ...fields, title: 'Twice', attempt: 3 });
  });

  it('takes at most 200 members at once', async () => {
    const [alice] = await people('alice');
    const { chat } = await alice.ok('chat.create', { kind: 'group', members: userIds('m', 200) });
    expect(chat.memberCount).toBe(201);
    await alice.refused('too_large', 'chat.create', { kind: 'group', members: userIds('m', 201) });
  });
});

describe('a direct chat', () => {
  it('is the same chat whoever creates it, however often', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const chat = await newDirect(alice, bob);
    const again = await alice.ok('chat.create', { kind: 'direct', members: [bob.user] });
    const other = await bob.ok('chat.create', { kind: 'direct', members: [alice.user] });
    expect([again['chat'].chat, other['chat'].chat]).toEqual([chat, chat]);
    expect(other['chat']).toMatchObject({ peer: { id: alice.user }, head: { rev: 1 }, memberCount: 2 });
    expect((await bob.ok('chats.list'))['chats']).toHaveLength(1);
  });

  it('never doubles when both create it at the same moment', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const replies = await Promise.all(
      Array.from({ length: 5 }, () => [
        alice.ok('chat.create', { kind: 'direct', members: [bob.user] }),
        bob.ok('chat.create', { kind: 'direct', members: [alice.user] }),
      ]).flat(),
    );
    expect(new Set(replies.map((reply) => reply['chat'].chat)).size).toBe(1);
    const { chat } = replies[0]!['chat'];
    expect(await syncAll(alice, chat)).toMatchObject([{ type: 'chat.created', rev: 1 }]);
    expect((await alice.ok('chats.list'))['chats']).toHaveLength(1);
    expect((await bob.ok('chats.list'))['chats']).toHaveLength(1);
  });

  it('with oneself is a place for notes', async () => {
    const [alice] = await people('alice');
    const first = await alice.ok('chat.create', { kind: 'direct', members: [alice.user] });
    const { chat } = first['chat'];
    expect(first['chat']).toMatchObject({ kind: 'direct', memberCount: 1 });
    await say(alice, chat, 'note to self');
    const again = await alice.ok('chat.create', { kind: 'direct', members: [alice.user] });
    expect(again['chat']).toMatchObject({ chat, unread: 0, head: { seq: 1 } });
  });

  it('has exactly two people', async () => {
    const [alice] = await people('alice');
    const members = [userId('bob'), userId('carol')];
    expect((await alice.refused('invalid', 'chat.create', { kind: 'direct', members })).path).toMatch(/^members/);
  });

  it('knows no update, leaving, roles or members', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const chat = await newDirect(alice, bob);
    await alice.refused('forbidden', 'chat.update', { chat, title: 'X' });
    await alice.refused('forbidden', 'chat.leave', { chat });
    await alice.refused('forbidden', 'member.add', { chat, users: [userId('carol')] });
    await alice.refused('forbidden', 'member.remove', { chat, user: bob.user });
    await alice.refused('forbidden', 'member.role', { chat, user: bob.user, role: 'admin' });
    expect((await alice.ok('members.list', { chat }))['members']).toHaveLength(2);
    expect(await syncAll(alice, chat)).toHaveLength(1);
  });
});

describe('chat.update', () => {
  it('changes title, avatar and settings, and the event says what changed', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const chat = await newGroup(alice, [bob]);
    const { rev } = await alice.ok('chat.update', { chat, title: '새 이름' });
    const event = await bob.eventAt(chat, rev);
    expect(event).toMatchObject({ type: 'chat.updated', by: alice.user, title: '새 이름' });
    expect(event['avatar']).toBeUndefined();
    await alice.ok('chat.update', { chat, avatar: 'av2', settings: { send: 'admins' } });
    expect(await summaryOf(bob, chat)).toMatchObject({
      title: '새 이름',
      avatar: 'av2',
      settings: { send: 'admins' },
    });
    await bob.refused('forbidden', 'message.send', { chat, kind: 'text', text: 'hi' });
  });

  it('that changes nothing is ok, unchanged, with the present rev', async () => {
    const [alice] = await people('alice');
    const chat = await newGroup(alice, [], { title: 'Same' });
    expect(await alice.ok('chat.update', { chat, title: 'Same' })).toMatchObject({ rev: 1, unchanged: true });
    expect(await syncAll(alice, chat)).toHaveLength(1);
  });

  it('refuses an empty title and one over 100 characters', async () => {
    const [alice] = await people('alice');
    const chat = await newGroup(alice, []);
    expect((await alice.refused('invalid', 'chat.update', { chat, title: '' })).path).toBe('title');
    await alice.refused('too_large', 'chat.update', { chat, title: 'x'.repeat(101) });
    await alice.ok('chat.update', { chat, title: '가'.repeat(100) });
  });
});
