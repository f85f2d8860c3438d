import { describe, expect, it } from 'vitest';
import { added, cursorAfter, expectDense, newest, newGroup, people, say, sayAll, syncAll, texts } from './chats.ts';
import { newId } from './names.ts';
import { quiet } from './waiting.ts';
import { connect, type Cursor, type WsClient } from './ws-client.ts';
import type { Loose } from './loose.ts';

/** The position of somebody who has applied everything received so far. */
function cursorOf(client: WsClient, chat: string, head: { seq: number; rev: number }): Cursor {
  return {
    chat,
    ...cursorAfter(
      head,
      client.events(chat).filter((event) => event['rev'] > head.rev),
    ),
  };
}

describe('hello with open', () => {
  it('pushes what was missed, then goes on live, without hole or double', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const chat = await newGroup(alice, [bob]);
    const { head } = await added(bob, chat);
    await say(alice, chat, 'seen');
    await bob.eventAt(chat, 2);
    const open = [cursorOf(bob, chat, head)];
    await bob.leave();
    await sayAll(alice, chat, texts('missed', 12));
    await alice.ok('message.edit', { chat, seq: 1, text: 'seen, edited' });
    const back = await connect(bob.user, { open });
    const { rev } = await say(alice, chat, 'live');
    await back.eventAt(chat, rev);
    expectDense(back.events(chat), 3);
    expect(back.events(chat)).toHaveLength(14);
    expect(back.events(chat)[12]).toMatchObject({ type: 'message.edited', text: 'seen, edited' });
  });

  it('from every cursor pushes exactly the events behind it', async () => {
    const [alice] = await people('alice');
    const chat = await newGroup(alice, []);
    await sayAll(alice, chat, texts('m', 6));
    for (let rev = 0; rev <= 7; rev++) {
      const reader = await connect(alice.user, { open: [{ chat, seq: Math.max(0, rev - 1), rev }] });
      const { rev: last } = await say(alice, chat, `live ${rev}`);
      await reader.eventAt(chat, last);
      expectDense(reader.events(chat), rev + 1);
      await reader.leave();
    }
  });

  it('from nothing begins with the creation of the chat', async () => {
    const [alice] = await people('alice');
    const chat = await newGroup(alice, []);
    const reader = await connect(alice.user, { open: [{ chat, seq: 0, rev: 0 }] });
    expect(await reader.eventAt(chat, 1)).toMatchObject({ type: 'chat.created', kind: 'group' });
  });

  it('catches up on several chats at once', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const chats = [await newGroup(alice, [bob]), await newGroup(alice, [bob]), await newGroup(alice, [bob])];
    await bob.leave();
    for (const chat of chats) await sayAll(alice, chat, texts('missed', 5));
    const back = await connect(bob.user, { open: chats.map((chat) => ({ chat, seq: 0, rev: 1 })) });
    for (const chat of chats) {
      await back.eventAt(chat, 6);
      expectDense(back.events(chat), 2);
    }
  });

  it('without the chat pushes nothing of the past but everything from the head on', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const chat = await newGroup(alice, [bob]);
    await bob.leave();
    await sayAll(alice, chat, texts('missed', 3));
    const back = await connect(bob.user);
    const { rev } = await say(alice, chat, 'live');
    await back.eventAt(chat, rev);
    expect(back.events(chat).map((event) => event['rev'])).toEqual([rev]);
    expect((await back.ok('chats.list'))['chats']).toMatchObject([{ chat, unread: 4, head: { rev } }]);
  });

  it('names a chat one is no longer in: chat.removed, and nothing of what came after', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const chat = await newGroup(alice, [bob]);
    await bob.leave();
    await alice.ok('member.remove', { chat, user: bob.user });
    await say(alice, chat, 'after the removal');
    const unknown = newId();
    const back = await connect(bob.user, {
      open: [
        { chat, seq: 0, rev: 1 },
        { chat: unknown, seq: 0, rev: 0 },
      ],
    });
    await back.push('chat.removed', (push) => push['chat'] === chat);
    await back.push('chat.removed', (push) => push['chat'] === unknown);
    await quiet(back);
    expect(JSON.stringify(back.frames)).not.toContain('after the removal');
  });

  it('a cursor from before one could see the chat is reset: history starts anew from its head', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const chat = await newGroup(alice, [], { settings: { history: 'joined' } });
    await sayAll(alice, chat, texts('before', 4));
    const { rev } = await alice.ok('member.add', { chat, users: [bob.user] });
    const back = await connect(bob.user, { open: [{ chat, seq: 1, rev: 2 }] });
    const reset = await back.push('reset', (push) => push['chat'] === chat);
    expect(reset['head']).toMatchObject({ seq: 4, rev });
    const sent = await say(alice, chat, 'live');
    await back.eventAt(chat, sent['rev']);
    expectDense(back.events(chat), rev + 1);
    expect((await newest(back, chat)).map((message) => message.text)).toEqual(['live']);
  });

  it('with too much to push says behind; the cursor stays good for sync and live goes on behind the head', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const chat = await newGroup(alice, [bob]);
    await bob.leave();
    await sayAll(alice, chat, texts('x'.repeat(16_000), 20));
    const back = await connect(bob.user, { open: [{ chat, seq: 0, rev: 1 }] });
    const behind = await back.push('behind', (push) => push['chat'] === chat);
    expect(behind['head']).toMatchObject({ seq: 20, rev: 21 });
    const pushed = back.events(chat);
    expectDense(pushed, 2);
    expect(JSON.stringify(pushed).length).toBeLessThan(300_000);
    const { rev } = await say(alice, chat, 'live');
    await back.eventAt(chat, rev);
    const live = back.events(chat).filter((event) => event['rev'] > behind['head'].rev);
    expectDense(live, behind['head'].rev + 1);
    const missing = await syncAll(back, chat, cursorAfter({ seq: 0, rev: 1 }, pushed));
    expectDense(missing, (pushed.at(-1)?.['rev'] ?? 1) + 1);
    expect(missing.at(-1)).toMatchObject({ rev });
  });

  it('with more than 200 events of one chat says behind after at most 200', async () => {
    const [alice, bob, carol] = await people('alice', 'bob', 'carol');
    const chat = await newGroup(alice, [bob, carol]);
    await Promise.all([alice, bob, carol].map((client) => sayAll(client, chat, texts('m', 80))));
    const back = await connect(alice.user, { open: [{ chat, seq: 0, rev: 1 }] });
    const behind = await back.push('behind', (push) => push['chat'] === chat);
    expect(behind['head']).toMatchObject({ seq: 240, rev: 241 });
    expect(back.events(chat).length).toBeLessThanOrEqual(200);
    expectDense(back.events(chat), 2);
    expectDense(await syncAll(back, chat, { seq: 0, rev: 1 }), 2);
  });

  it('a cursor above the head that stays above it is reset after ten seconds', { timeout: 25_000 }, async () => {
    const [alice] = await people('alice');
    const chat = await newGroup(alice, []);
    await say(alice, chat, 'x');
    const back = await connect(alice.user, { open: [{ chat, seq: 50, rev: 60 }] });
    const reset = await back.push('reset', (push) => push['chat'] === chat, 18_000);
    expect(reset['head']).toMatchObject({ seq: 1, rev: 2 });
    const { rev } = await say(alice, chat, 'y');
    await back.eventAt(chat, rev);
  });
});

describe('a reader that comes and goes while others send', () => {
  it('has everything once, in order, by dropping what it already has', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const chat = await newGroup(alice, [bob]);
    const { head } = await added(bob, chat);
    await bob.leave();
    let cursor: Cursor = { chat, seq: head.seq, rev: head.rev };
    const applied: Loose[] = [];
    const sending = (async () => {
      for (const text of texts('m', 90)) await say(alice, chat, text);
    })();
    for (let round = 0; round < 12; round++) {
      const back = await connect(bob.user, { open: [cursor] });
      const wanted = cursor.rev + 5;
      await back.until((frame) => frame.t === 'event' && frame['rev'] >= Math.min(wanted, 91), 'some events');
      if (round % 2 === 0) await back.leave();
      else back.raw.destroy();
      const fresh = back.events(chat).filter((event) => event['rev'] > cursor.rev);
      expectDense(fresh, cursor.rev + 1);
      applied.push(...fresh);
      cursor = { chat, ...cursorAfter(cursor, fresh) };
      if (cursor.rev >= 91) break;
    }
    await sending;
    const back = await connect(bob.user, { open: [cursor] });
    const last = await say(alice, chat, 'last');
    await back.eventAt(chat, last['rev']);
    applied.push(...back.events(chat).filter((event) => event['rev'] > cursor.rev));
    expectDense(applied, head.rev + 1);
    expect(applied.map((event) => event.message.text)).toEqual([...texts('m', 90), 'last']);
  });
});
