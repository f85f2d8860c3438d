import { describe, expect, it } from 'vitest';
import { added, newGroup, say, sayAll, summaryOf, texts } from './chats.ts';
import { newId, userId } from './names.ts';
import { eventually } from './waiting.ts';
import { connect, type WsClient } from './ws-client.ts';
import type { Loose } from './loose.ts';

/** Two devices of alice, and bob. */
async function twoDevices(): Promise<[WsClient, WsClient, WsClient]> {
  const alice = userId('alice');
  return Promise.all([connect(alice), connect(alice), connect(userId('bob'))]);
}

describe('two devices of one user', () => {
  it('both get every message, also the ones the other has sent', async () => {
    const [phone, laptop, bob] = await twoDevices();
    const chat = await newGroup(phone, [bob]);
    await added(laptop, chat);
    const mine = await say(phone, chat, 'from my phone');
    const theirs = await say(bob, chat, 'from bob');
    expect(await laptop.eventAt(chat, mine['rev'])).toMatchObject({
      by: phone.user,
      message: { text: 'from my phone' },
    });
    await phone.eventAt(chat, theirs['rev']);
    await laptop.eventAt(chat, theirs['rev']);
    const [one, two] = [phone, laptop].map((device) => device.events(chat).filter((event) => event['rev'] > 1));
    expect(two).toEqual(one);
  });

  it('reading on one is told to the other, and both count the same', async () => {
    const [phone, laptop, bob] = await twoDevices();
    const chat = await newGroup(bob, [phone, laptop]);
    await sayAll(bob, chat, texts('m', 3));
    await phone.ok('read', { chat, seq: 2 });
    const push = await laptop.push(
      'receipts',
      (frame) =>
        frame['chat'] === chat && frame['marks']?.some((mark: Loose) => mark.user === phone.user && mark.read === 2),
    );
    expect(push['marks'].find((mark: Loose) => mark.user === phone.user).delivered).toBeGreaterThanOrEqual(2);
    for (const device of [phone, laptop]) {
      await eventually(async () => expect(await summaryOf(device, chat)).toMatchObject({ read: 2, unread: 1 }));
    }
  });

  it('sending on one counts as reading on both', async () => {
    const [phone, laptop, bob] = await twoDevices();
    const chat = await newGroup(bob, [phone, laptop]);
    await sayAll(bob, chat, texts('m', 3));
    const { seq } = await say(phone, chat, 'got it');
    await eventually(async () => expect(await summaryOf(laptop, chat)).toMatchObject({ read: seq, unread: 0 }));
  });

  it('a chat left on one is removed from the other', async () => {
    const [phone, laptop, bob] = await twoDevices();
    const chat = await newGroup(bob, [phone, laptop]);
    await phone.ok('chat.leave', { chat });
    await laptop.push('chat.removed', (push) => push['chat'] === chat);
    await laptop.refused('not_found', 'chat.get', { chat });
  });

  it('a newer connection of the same device replaces the older one with 4503', async () => {
    const user = userId('alice');
    const device = newId();
    const older = await connect(user, { device });
    const newer = await connect(user, { device });
    await older.closedWith(4503);
    await newer.ok('ping');
  });

  it('the older connection gets the replies it waits for before it is closed', async () => {
    const user = userId('alice');
    const device = newId();
    const older = await connect(user, { device });
    const chat = await newGroup(older, []);
    const replies = Promise.all(texts('m', 10).map((text) => older.cmd('message.send', { chat, kind: 'text', text })));
    const newer = await connect(user, { device });
    expect((await replies).map((reply) => [reply.t, reply['seq']])).toEqual(
      texts('m', 10).map((_, i) => ['ok', i + 1]),
    );
    await older.closedWith(4503);
    expect((await newer.ok('history', { chat }))['messages']).toHaveLength(10);
  });

  it('other devices, and the same device id of somebody else, replace nobody', async () => {
    const device = newId();
    const alice = await connect(userId('alice'), { device });
    const other = await connect(alice.user);
    const bob = await connect(userId('bob'), { device });
    for (const client of [alice, other, bob]) await client.ok('ping');
  });
});
