import { describe, expect, it } from 'vitest';
import { expectDense, newDirect, newGroup, people } from './chats.ts';
import { newId, userId } from './names.ts';
import { quiet } from './waiting.ts';
import { connect } from './ws-client.ts';
import type { Loose } from './loose.ts';

describe.concurrent('typing', () => {
  it('shows who types and that they have stopped', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const chat = await newDirect(alice, bob);
    alice.tell('typing', { chat, on: true });
    const on = await bob.push('typing', (push) => push['chat'] === chat);
    expect(on).toMatchObject({ users: [alice.user], more: 0 });
    alice.tell('typing', { chat, on: false });
    await bob.push('typing', (push) => push['chat'] === chat && push['users'].length === 0 && push['more'] === 0);
  });

  it('names up to three and counts the others', async () => {
    const clients = await people('a', 'b', 'c', 'd', 'e', 'f');
    const [reader, ...typers] = clients;
    const chat = await newGroup(reader, typers);
    for (const typer of typers) await typer.ok('typing', { chat, on: true });
    const push = await reader.push('typing', (frame) => frame['chat'] === chat && frame['more'] === 2);
    expect(push['users']).toHaveLength(3);
    for (const user of push['users']) expect(typers.map((typer) => typer.user)).toContain(user);
  });

  it('ends after six seconds without renewal', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const chat = await newDirect(alice, bob);
    await alice.ok('typing', { chat, on: true });
    await bob.push('typing', (push) => push['chat'] === chat && push['users'].length === 1);
    await bob.push('typing', (push) => push['chat'] === chat && push['users'].length === 0, 12_000);
  });

  it('is not shown to people outside the chat', async () => {
    const [alice, bob, carol] = await people('alice', 'bob', 'carol');
    const chat = await newDirect(alice, bob);
    await alice.ok('typing', { chat, on: true });
    await bob.push('typing');
    await quiet(carol);
    expect(carol.pushes('typing')).toEqual([]);
  });
});

describe.concurrent('presence', () => {
  it('tells the state of people one shares a chat with, and nothing of others', async () => {
    const [alice, bob, stranger] = await people('alice', 'bob', 'stranger');
    const away = userId('away');
    await newGroup(alice, [bob], { members: [bob.user, away] });
    const { states } = await alice.ok('presence.watch', { users: [bob.user, away, stranger.user] });
    expect(states).toHaveLength(2);
    expect(states).toContainEqual(expect.objectContaining({ user: bob.user, online: true }));
    expect(states).toContainEqual(expect.objectContaining({ user: away, online: false }));
  });

  it('is pushed when it changes: offline with the time last seen, and online again', async () => {
    const [alice, bob] = await people('alice', 'bob');
    await newDirect(alice, bob);
    await alice.ok('presence.watch', { users: [bob.user] });
    await bob.leave();
    const isBob = (online: boolean) => (push: Loose) =>
      push.states.some((state: Loose) => state.user === bob.user && state.online === online);
    const off = await alice.push('presence', isBob(false), 15_000);
    expect(off['states'].find((state: Loose) => state.user === bob.user).lastSeenAt).toBeGreaterThan(1_600_000_000_000);
    await connect(bob.user);
    await alice.push('presence', isBob(true), 15_000);
  });

  it('is not pushed any more after unwatch', async () => {
    const [alice, bob, carol] = await people('alice', 'bob', 'carol');
    await newDirect(alice, bob);
    await newDirect(carol, bob);
    await alice.ok('presence.watch', { users: [bob.user] });
    await carol.ok('presence.watch', { users: [bob.user] });
    await alice.ok('presence.unwatch', { users: [bob.user] });
    const before = alice.pushes('presence').length;
    await bob.leave();
    await carol.push('presence', (push) => push['states'].some((state: Loose) => state.online === false), 15_000);
    await quiet(alice);
    expect(alice.pushes('presence')).toHaveLength(before);
  });

  it('takes at most 200 people at once', async () => {
    const [alice] = await people('alice');
    await alice.refused('too_large', 'presence.watch', { users: Array.from({ length: 201 }, () => newId()) });
  });
});

describe('a group of fifty', () => {
  it('everybody gets every message of everybody, once and in the same order', { timeout: 40_000 }, async () => {
    const owner = await connect(userId('m0'));
    const others = await Promise.all(Array.from({ length: 49 }, (_, i) => connect(userId(`m${i + 1}`))));
    const clients = [owner, ...others];
    const chat = await newGroup(owner, others, { title: 'Fifty' });
    const sends = clients.flatMap((client) =>
      [1, 2].map((n) => client.ok('message.send', { chat, kind: 'text', text: `${client.user} ${n}` })),
    );
    const seqs = (await Promise.all(sends)).map((reply) => reply['seq']).toSorted((a, b) => a - b);
    expect(seqs).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
    await Promise.all(clients.map((client) => client.eventAt(chat, 101)));
    const seen = clients.map((client) => client.events(chat).filter((event) => event['rev'] > 1));
    for (const events of seen) {
      expect(events).toHaveLength(100);
      expectDense(events, 2);
      expect(events).toEqual(seen[0]);
    }
  });
});
