import { describe, expect, it } from 'vitest';
import { newGroup, people, say, sayAll, summaryOf, texts } from './chats.ts';
import { eventually, quiet } from './waiting.ts';
import { connect, type Frame, type WsClient } from './ws-client.ts';
import type { Loose } from './loose.ts';

/** The receipts push in which `user` has at least read (or had delivered) `seq`. */
function mark(client: WsClient, chat: string, user: string, field: 'read' | 'delivered', seq: number): Promise<Frame> {
  return client.push(
    'receipts',
    (push) =>
      push['chat'] === chat && push['marks']?.some((other: Loose) => other.user === user && other[field] >= seq),
  );
}

async function marksOf(client: WsClient, chat: string): Promise<Record<string, { read: number; delivered: number }>> {
  const { members } = await client.ok('members.list', { chat });
  return Object.fromEntries(members.map(({ user, read, delivered }: Loose) => [user, { read, delivered }]));
}

describe('read and delivered', () => {
  it('are told to the others in the chat', async () => {
    const [alice, bob, carol] = await people('alice', 'bob', 'carol');
    const chat = await newGroup(alice, [bob, carol]);
    await sayAll(alice, chat, texts('m', 3));
    bob.tell('delivered', { chat, seq: 3 });
    await mark(alice, chat, bob.user, 'delivered', 3);
    bob.tell('read', { chat, seq: 2 });
    await mark(alice, chat, bob.user, 'read', 2);
    await mark(carol, chat, bob.user, 'read', 2);
    const last = alice
      .pushes('receipts')
      .flatMap((push) => push['marks'])
      .findLast((other: Loose) => other.user === bob.user);
    expect(last).toEqual({ user: bob.user, delivered: 3, read: 2 });
    expect(await marksOf(carol, chat)).toMatchObject({ [bob.user]: { read: 2, delivered: 3 } });
  });

  it('never go back, and what is read is delivered', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const chat = await newGroup(alice, [bob]);
    await sayAll(alice, chat, texts('m', 5));
    await bob.ok('read', { chat, seq: 4 });
    await bob.ok('read', { chat, seq: 1 });
    await bob.ok('delivered', { chat, seq: 2 });
    await mark(alice, chat, bob.user, 'read', 4);
    await quiet(alice, bob);
    expect((await marksOf(alice, chat))[bob.user]).toEqual({ read: 4, delivered: 4 });
    for (const push of alice.pushes('receipts')) {
      for (const { read, delivered } of push['marks']) expect(delivered).toBeGreaterThanOrEqual(read);
    }
  });

  it('end at the head: nobody can read what does not exist yet', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const chat = await newGroup(alice, [bob]);
    await sayAll(alice, chat, texts('m', 2));
    bob.tell('read', { chat, seq: 1_000_000_000 });
    await mark(alice, chat, bob.user, 'read', 2);
    await say(alice, chat, 'three');
    await eventually(async () =>
      expect(await summaryOf(bob, chat)).toMatchObject({ read: 2, unread: 1, head: { seq: 3 } }),
    );
  });

  it('many in a row are merged: the last one counts', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const chat = await newGroup(alice, [bob]);
    await sayAll(alice, chat, texts('m', 60));
    for (let seq = 1; seq <= 60; seq++) bob.tell('read', { chat, seq });
    await mark(alice, chat, bob.user, 'read', 60);
    expect(alice.pushes('receipts').length).toBeLessThan(60);
    await eventually(async () => expect(await summaryOf(bob, chat)).toMatchObject({ read: 60, unread: 0 }));
  });

  it('survive a new connection', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const chat = await newGroup(alice, [bob]);
    await sayAll(alice, chat, texts('m', 4));
    await bob.ok('read', { chat, seq: 3 });
    await mark(alice, chat, bob.user, 'read', 3);
    const again = await connect(bob.user);
    await eventually(async () => expect(await summaryOf(again, chat)).toMatchObject({ read: 3, unread: 1 }));
  });
});

describe('unread', () => {
  it('is head − max(read, visibleFrom − 1), for everybody', async () => {
    const [alice, bob, carol] = await people('alice', 'bob', 'carol');
    const chat = await newGroup(alice, [bob], { settings: { history: 'joined' } });
    await sayAll(alice, chat, texts('m', 4));
    expect(await summaryOf(bob, chat)).toMatchObject({ unread: 4, read: 0 });
    await alice.ok('member.add', { chat, users: [carol.user] });
    expect(await summaryOf(carol, chat)).toMatchObject({ unread: 0, visibleFrom: 5 });
    await sayAll(alice, chat, texts('n', 2));
    expect(await summaryOf(carol, chat)).toMatchObject({ unread: 2 });
    await carol.ok('read', { chat, seq: 5 });
    await eventually(async () => expect(await summaryOf(carol, chat)).toMatchObject({ unread: 1, read: 5 }));
    expect(await summaryOf(bob, chat)).toMatchObject({ unread: 6 });
  });

  it('is 0 right after sending: who writes has read', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const chat = await newGroup(alice, [bob]);
    await sayAll(alice, chat, texts('m', 3));
    const { seq } = await say(bob, chat, 'mine');
    expect(await summaryOf(bob, chat)).toMatchObject({ unread: 0, read: seq });
    expect(await summaryOf(alice, chat)).toMatchObject({ unread: 1, read: 3 });
    await eventually(async () => expect((await marksOf(alice, chat))[bob.user]).toMatchObject({ read: seq }));
  });

  it('does not change by edits, deletions, reactions or people', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const chat = await newGroup(alice, [bob]);
    await sayAll(alice, chat, texts('m', 2));
    await alice.ok('message.edit', { chat, seq: 1, text: 'edited' });
    await alice.ok('message.delete', { chat, seq: 2 });
    await alice.ok('reaction.set', { chat, seq: 1, emoji: '👍', on: true });
    await alice.ok('chat.update', { chat, title: 'New' });
    expect(await summaryOf(bob, chat)).toMatchObject({ unread: 2, head: { seq: 2, rev: 7 } });
  });
});

describe('chat.view', () => {
  it('answers with the marks of the members', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const chat = await newGroup(alice, [bob]);
    await sayAll(alice, chat, texts('m', 2));
    await bob.ok('read', { chat, seq: 1 });
    await eventually(async () => {
      const { marks } = await alice.ok('chat.view', { chat, from: 1, to: 2 });
      expect(marks).toContainEqual(expect.objectContaining({ user: bob.user, read: 1 }));
      expect(marks).toContainEqual(expect.objectContaining({ user: alice.user, read: 2 }));
    });
  });

  it('null ends the view', async () => {
    const [alice] = await people('alice');
    const chat = await newGroup(alice, []);
    await alice.ok('chat.view', { chat });
    await alice.ok('chat.view', { chat: null });
    expect((await alice.refused('invalid', 'chat.view', {})).path).toBe('chat');
  });
});
