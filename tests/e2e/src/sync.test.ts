import { beforeAll, describe, expect, it } from 'vitest';
import { cursorAfter, expectDense, newGroup, people, say, sayAll, syncAll, texts } from './chats.ts';
import { PROTOCOL } from './protocol-tables.ts';
import { connect, type WsClient } from './ws-client.ts';
import type { Loose } from './loose.ts';

/** What must be equal between live delivery and any later `sync`: everything but content that changed since. */
function lasting(event: Loose): Loose {
  const { t: _, message, text: __, ...rest } = event;
  if (message === undefined) return rest;
  return {
    ...rest,
    message: { seq: message.seq, clientId: message.clientId, kind: message.kind, replyTo: message.replyTo },
  };
}

/** A chat in which every type of event has happened; resolves when `alice` has seen the last of them. */
async function eventfulChat(alice: WsClient, bob: WsClient, carol: WsClient): Promise<string> {
  const chat = await newGroup(alice, [bob], { title: 'Eventful', settings: { history: 'all' } });
  await say(alice, chat, 'one');
  await say(bob, chat, 'two', { replyTo: 1 });
  await alice.ok('member.add', { chat, users: [carol.user] });
  await carol.ok('message.send', { chat, kind: 'custom', data: { a: 1 } });
  await alice.ok('message.edit', { chat, seq: 1, text: 'one, edited' });
  await bob.ok('reaction.set', { chat, seq: 1, emoji: '👍', on: true });
  await bob.ok('reaction.set', { chat, seq: 1, emoji: '👍', on: false });
  await alice.ok('member.role', { chat, user: bob.user, role: 'admin' });
  await say(bob, chat, 'to be deleted');
  await bob.ok('message.delete', { chat, seq: 4 });
  await alice.ok('chat.update', { chat, title: 'More eventful', settings: { send: 'all', invite: 'admins' } });
  await carol.ok('chat.leave', { chat });
  for (let i = 0; i < 8; i++) await say(i % 2 ? alice : bob, chat, `talk ${i}`);
  await alice.ok('member.role', { chat, user: bob.user, role: 'member' });
  await alice.ok('member.remove', { chat, user: bob.user });
  const { rev } = await say(alice, chat, 'the end');
  await alice.eventAt(chat, rev);
  return chat;
}

describe('sync', () => {
  let alice: WsClient;
  let chat: string;
  let all: Loose[];

  beforeAll(async () => {
    const [a, b, c] = await people('alice', 'bob', 'carol');
    alice = a;
    chat = await eventfulChat(a, b, c);
    all = await syncAll(a, chat);
  });

  it('from 0 gives every event of the chat, every type among them', () => {
    expectDense(all, 1);
    expect(new Set(all.map((event) => event.type))).toEqual(new Set(PROTOCOL.events));
  });

  it('gives the events that were delivered live, in the same order', () => {
    const live = alice.events(chat);
    const first = live[0]!['rev'];
    expectDense(live, first);
    expect(first).toBeLessThanOrEqual(2);
    expect(all.slice(first - 1).map(lasting)).toEqual(live.map(lasting));
  });

  it('from every cursor gives exactly the events behind it', async () => {
    const reader = await connect(alice.user);
    for (let rev = 0; rev <= all.length; rev++) {
      const { seq } = cursorAfter({ seq: 0, rev: 0 }, all.slice(0, rev));
      const page = await reader.ok('sync', { chat, seq, rev });
      expect(page['events'], `cursor ${rev}`).toEqual(all.slice(rev));
      expect(page).toMatchObject({ more: false, head: { rev: all.length } });
    }
  });

  it('in pages of any size gives the same', async () => {
    for (const limit of [1, 2, 3, 7, 500]) {
      const reader = await connect(alice.user);
      expect(await syncAll(reader, chat, { seq: 0, rev: 0 }, limit)).toEqual(all);
    }
  });

  it('at the head gives nothing', async () => {
    const page = await alice.ok('sync', { chat, seq: 13, rev: all.length });
    expect(page).toMatchObject({ events: [], more: false, head: { rev: all.length } });
  });

  it('applied from any point ends in the state that history shows', async () => {
    const { messages } = await alice.ok('history', { chat });
    const created = all.filter((event) => event.type === 'message.created');
    expect(messages.map((m: Loose) => [m.seq, m.rev, m.by, m.clientId])).toEqual(
      created.map((event) => [event.message.seq, event.rev, event.by, event.message.clientId]),
    );
    expect(messages[0]).toMatchObject({ text: 'one, edited', edited: expect.any(Number) });
    expect(messages[3]).toMatchObject({ deleted: expect.any(Number) });
    expect(messages[3].text).toBeUndefined();
  });

  it('takes a limit of 1 to 500 and cursors that are numbers', async () => {
    expect((await alice.refused('invalid', 'sync', { chat, seq: 0, rev: 0, limit: 501 })).path).toBe('limit');
    expect((await alice.refused('invalid', 'sync', { chat, seq: 0, rev: -1 })).path).toBe('rev');
    expect((await alice.refused('invalid', 'sync', { chat, seq: 0 })).path).toBe('rev');
  });
});

describe('sync while the chat goes on', () => {
  it('what sync gives and what is pushed live joins without a hole', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const chat = await newGroup(alice, [bob]);
    await sayAll(alice, chat, texts('before', 30));
    const reader = await connect(bob.user);
    const [, synced] = await Promise.all([
      sayAll(alice, chat, texts('during', 40)),
      syncAll(reader, chat, { seq: 0, rev: 0 }, 10),
    ]);
    const { rev } = await say(alice, chat, 'last');
    await reader.eventAt(chat, rev);
    const known = synced.length;
    const live = reader.events(chat).filter((event) => event['rev'] > known);
    expectDense(synced, 1);
    expectDense(live, known + 1);
    expect(known + live.length).toBe(rev);
  });

  it('gives somebody who came later the events from their joining on', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const chat = await newGroup(alice, [], { settings: { history: 'joined' } });
    await sayAll(alice, chat, texts('before', 5));
    const { rev } = await alice.ok('member.add', { chat, users: [bob.user] });
    await sayAll(alice, chat, texts('after', 5));
    const events = await syncAll(bob, chat, { seq: 5, rev });
    expectDense(events, rev + 1);
    expect(events).toHaveLength(5);
    for (const below of [0, 3]) {
      const page = await bob.ok('sync', { chat, seq: Math.max(0, below - 1), rev: below });
      expect(page).toMatchObject({ reset: true, head: { seq: 10, rev: rev + 5 } });
      expect(page['events']).toBeUndefined();
    }
  });
});
