import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectDense, newDirect, newest, newGroup, say, sayAll, summaryOf, syncAll, texts } from './chats.ts';
import { newId, userId } from './names.ts';
import { startServer, type GaramServer } from './server.ts';
import { eventually } from './waiting.ts';
import { connect, type ConnectOptions, type Frame, type WsClient } from './ws-client.ts';
import type { Loose } from './loose.ts';

describe('after SIGKILL', () => {
  let server: GaramServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.stop());

  const join = (user: string, options: ConnectOptions = {}): Promise<WsClient> =>
    connect(user, { ...options, target: { url: server.url } });

  async function crash(): Promise<void> {
    await server.kill();
    await server.restart();
  }

  it('everything acknowledged is there, in the same place, and the log has the same name', async () => {
    const alice = await join(userId('alice'));
    const bob = await join(userId('bob'));
    const chat = await newGroup(alice, [bob], { title: 'Durable' });
    const oks = await sayAll(alice, chat, texts('m', 40));
    await bob.ok('message.edit', { chat, seq: (await say(bob, chat, 'typo'))['seq'], text: 'fixed' });
    await alice.ok('message.delete', { chat, seq: 2 });
    await bob.ok('reaction.set', { chat, seq: 1, emoji: '👍', on: true });
    await alice.ok('member.role', { chat, user: bob.user, role: 'admin' });
    await bob.ok('chat.prefs', { chat, pinned: true, muted: true });
    const { rev } = await alice.ok('chat.update', { chat, title: 'Still durable' });
    await crash();
    const back = await join(alice.user);
    expect(back.hello['log']).toBe(alice.hello['log']);
    const messages = await newest(back, chat, { limit: 100 });
    expect(messages.slice(0, 40).map((m) => [m.seq, m.rev, m.clientId])).toEqual(
      oks.map((ok) => [ok['seq'], ok['rev'], ok['clientId']]),
    );
    expect(messages[0]).toMatchObject({ text: 'm 1', reactions: { '👍': { n: 1, users: [bob.user] } } });
    expect(messages[1]).toMatchObject({ seq: 2, deleted: expect.any(Number) });
    expect(messages[40]).toMatchObject({ text: 'fixed', edited: expect.any(Number) });
    const events = await syncAll(back, chat);
    expectDense(events, 1);
    expect(events.at(-1)).toMatchObject({ rev, title: 'Still durable' });
    const bobAgain = await join(bob.user);
    expect(await summaryOf(bobAgain, chat)).toMatchObject({
      role: 'admin',
      title: 'Still durable',
      pinned: true,
      muted: true,
    });
  });

  it('the numbers go on where they stopped', async () => {
    const alice = await join(userId('alice'));
    const chat = await newGroup(alice, []);
    const before = (await sayAll(alice, chat, texts('m', 5))).at(-1)!;
    await crash();
    const back = await join(alice.user);
    expect(await say(back, chat, 'next')).toMatchObject({ seq: before['seq'] + 1, rev: before['rev'] + 1 });
  });

  it('a cursor from before goes on: what was missed is pushed', async () => {
    const [alice, bob] = [await join(userId('alice')), await join(userId('bob'))];
    const chat = await newDirect(alice, bob);
    await sayAll(alice, chat, texts('m', 5));
    await crash();
    const back = await join(bob.user, { open: [{ chat, seq: 2, rev: 3 }] });
    const sender = await join(alice.user);
    const { rev } = await say(sender, chat, 'live');
    await back.eventAt(chat, rev);
    expectDense(back.events(chat), 4);
    expect(back.events(chat)).toHaveLength(4);
  });

  it('sends that were under way when it came are stored once each when they are sent again', async () => {
    const alice = await join(userId('alice'));
    const chat = await newGroup(alice, []);
    const frames = texts('m', 30).map((text) => alice.frame('message.send', { chat, kind: 'text', text }));
    const answered: (Frame | undefined)[] = [];
    const replies = frames.map((frame, i) => {
      alice.raw.sendText(JSON.stringify(frame));
      return alice.reply(frame.id).then(
        (reply) => (answered[i] = reply),
        () => undefined,
      );
    });
    await alice.until((frame) => frame.t === 'ok' && frame['seq'] === 1, 'the first ok');
    await crash();
    await Promise.all(replies);
    const back = await join(alice.user);
    for (const [i, frame] of frames.entries()) {
      const ok = await back.okFrame(back.repeat(frame, 2));
      const first = answered[i]?.t === 'ok' ? answered[i] : undefined;
      expect(ok).toMatchObject(first ? { seq: first['seq'], rev: first['rev'], duplicate: true } : { chat });
    }
    const messages = await newest(back, chat, { limit: 100 });
    expect(messages.map((message) => message.text)).toEqual(texts('m', 30));
    expectDense(await syncAll(back, chat), 1);
  });

  it('duplicates are still recognised', async () => {
    const alice = await join(userId('alice'));
    const chat = await newGroup(alice, []);
    const clientId = newId();
    const first = await say(alice, chat, 'once', { clientId });
    await crash();
    const back = await join(alice.user);
    expect(await say(back, chat, 'once', { clientId, attempt: 2 })).toMatchObject({
      seq: first['seq'],
      rev: first['rev'],
      duplicate: true,
    });
    await back.refused('id_conflict', 'message.send', { chat, kind: 'text', text: 'twice', clientId, attempt: 3 });
  });

  it('read marks that others were told of are not lost', async () => {
    const [alice, bob] = [await join(userId('alice')), await join(userId('bob'))];
    const chat = await newDirect(alice, bob);
    await sayAll(alice, chat, texts('m', 5));
    await bob.ok('read', { chat, seq: 4 });
    await alice.push('receipts', (push) =>
      push['marks'].some((mark: Loose) => mark.user === bob.user && mark.read === 4),
    );
    await crash();
    const back = await join(bob.user);
    await eventually(async () => expect(await summaryOf(back, chat)).toMatchObject({ read: 4, unread: 1 }));
  });

  it('a crash loop in the middle of a conversation loses and doubles nothing', { timeout: 60_000 }, async () => {
    const user = userId('alice');
    let alice = await join(user);
    const chat = await newGroup(alice, []);
    const told = new Map<string, number>();
    for (let round = 0; round < 3; round++) {
      const frames = texts(`round ${round} message`, 20).map((text) =>
        alice.frame('message.send', { chat, kind: 'text', text }),
      );
      const pending = frames.map((frame) => {
        alice.raw.sendText(JSON.stringify(frame));
        return alice.reply(frame.id).then(
          (ok) => void told.set(ok['clientId'], ok['seq']),
          () => {},
        );
      });
      await alice.until((frame) => frame.t === 'ok' && frame['clientId'] === frames[round * 5]!['clientId'], 'an ok');
      await crash();
      await Promise.all(pending);
      alice = await join(user);
      for (const frame of frames) {
        const ok = await alice.okFrame(alice.repeat(frame, 2));
        expect(told.get(ok['clientId']) ?? ok['seq']).toBe(ok['seq']);
        told.set(ok['clientId'], ok['seq']);
      }
    }
    const messages = await newest(alice, chat, { limit: 100 });
    expect(messages).toHaveLength(60);
    expect(new Map(messages.map((m) => [m.clientId, m.seq]))).toEqual(told);
  });
});
