import { decodeReceipt } from '@garam/contracts/receipt-codec';
import type { ReceiptRecord } from '@garam/contracts/receipt-record';
import { TOPICS } from '@garam/contracts/topics';
import { LIMITS } from '@garam/protocol/limits';
import { afterEach, describe, expect, it } from 'vitest';
import type { GatewayOptions } from '../gateway-options.ts';
import { createGatewayScene, type GatewayScene } from '../testing/gateway-scene.ts';

let scene: GatewayScene;
afterEach(async () => scene.stop());

async function begin(options?: Partial<GatewayOptions>): Promise<GatewayScene> {
  scene = await createGatewayScene(options);
  return scene;
}

async function receiptsWritten({ log }: GatewayScene): Promise<ReceiptRecord[]> {
  const partitions = Array.from({ length: log.partitions }, (_, partition) =>
    log.read(TOPICS.receipts, partition, 0, 100),
  );
  return (await Promise.all(partitions)).flat().map((record) => decodeReceipt(record.value)!);
}

const typing = (user: string, on: boolean) => ({ kind: 'typing', chat: 'c', user, on }) as const;
const marks = (...given: [user: string, delivered: number, read: number][]) =>
  ({ kind: 'marks', chat: 'c', marks: given.map(([user, delivered, read]) => ({ user, delivered, read })) }) as const;

describe('read and delivered', () => {
  it('become one record per chat and window, maxima clamped to the head', async () => {
    const { hello, haveChat, clock } = await begin();
    await haveChat('c', ['alice', 'bob'], 5);
    const [alice, bob] = [await hello('alice'), await hello('bob')];
    alice.tell(
      { t: 'read', chat: 'c', seq: 3 },
      { t: 'read', chat: 'c', seq: 2 },
      { t: 'delivered', chat: 'c', seq: 4 },
    );
    bob.tell({ t: 'read', id: 2, chat: 'c', seq: 1_000 });
    await clock.advance(200);
    const users = (await receiptsWritten(scene)).map((record) => record.marks);
    expect(users).toEqual([
      [
        { user: 'alice', delivered: 4, read: 3 },
        { user: 'bob', delivered: 5, read: 5 },
      ],
    ]);
  });

  it('of chats one is not in are not_found, and written nowhere', async () => {
    const { hello, haveChat, clock } = await begin();
    await haveChat('c', ['bob'], 5);
    const alice = await hello('alice');
    alice.tell({ t: 'read', id: 2, chat: 'c', seq: 3 });
    await clock.advance(200);
    expect(alice.reply(2)).toMatchObject({ error: { name: 'not_found' } });
    expect(await receiptsWritten(scene)).toEqual([]);
  });

  it('delivered counts for nothing in a big chat', async () => {
    const { hello, haveChat, clock } = await begin({ limits: { ...LIMITS, bigChat: 1 } });
    await haveChat('c', ['alice', 'bob'], 5);
    const alice = await hello('alice');
    alice.tell({ t: 'delivered', id: 2, chat: 'c', seq: 3 });
    await clock.advance(200);
    expect(alice.reply(2)).toMatchObject({ t: 'ok' });
    expect(await receiptsWritten(scene)).toEqual([]);
  });

  it('are pushed to everyone in the chat, never lower than before', async () => {
    const { hello, haveChat, publish } = await begin();
    await haveChat('c', ['alice', 'bob'], 5);
    const alice = await hello('alice');
    await publish(marks(['bob', 4, 2]));
    await publish(marks(['bob', 3, 3]));
    await publish(marks(['bob', 2, 1]));
    expect(alice.pushes('receipts').map((push) => push['marks'])).toEqual([
      [{ user: 'bob', delivered: 4, read: 2 }],
      [{ user: 'bob', delivered: 4, read: 3 }],
    ]);
  });
});

describe('typing', () => {
  it('is the whole set of up to three and a count, oneself included, and ends by itself', async () => {
    const { hello, haveChat, publish, clock } = await begin();
    await haveChat('c', ['alice', 'bob'], 0);
    const alice = await hello('alice');
    await publish(...['alice', 'b', 'c', 'd', 'e'].map((user) => typing(user, true)));
    await clock.advance(300);
    await publish(typing('b', false));
    await clock.advance(300);
    await clock.advance(7_000);
    expect(alice.pushes('typing')).toEqual([
      { t: 'typing', chat: 'c', users: ['alice', 'b', 'c'], more: 2 },
      { t: 'typing', chat: 'c', users: ['alice', 'c', 'd'], more: 1 },
      { t: 'typing', chat: 'c', users: [], more: 0 },
    ]);
  });

  it('goes to those who have the chat on screen only, where it is big', async () => {
    const { hello, haveChat, publish, clock } = await begin({ limits: { ...LIMITS, bigChat: 1 } });
    await haveChat('c', ['alice', 'bob'], 3);
    const [alice, bob] = [await hello('alice'), await hello('bob')];
    alice.tell({ t: 'chat.view', id: 2, chat: 'c', from: 1, to: 3 });
    await clock.settle();
    await publish(typing('bob', true), marks(['bob', 2, 2]));
    await clock.advance(600);
    expect(alice.reply(2)).toMatchObject({
      unreadBy: [
        [1, 2],
        [2, 2],
        [3, 2],
      ],
    });
    expect(alice.pushes('typing')).toHaveLength(1);
    expect(alice.pushes('receipts')).toEqual([
      {
        t: 'receipts',
        chat: 'c',
        unreadBy: [
          [1, 1],
          [2, 1],
        ],
      },
    ]);
    expect([...bob.pushes('typing'), ...bob.pushes('receipts')]).toEqual([]);
    alice.tell({ t: 'chat.view', id: 3, chat: null });
    await publish(marks(['bob', 3, 3]));
    await clock.advance(600);
    expect(alice.pushes('receipts')).toHaveLength(1);
  });
});

describe('a slow socket', () => {
  it('gets no typing above 64 KiB, merged receipts above 256 KiB, and is closed above 1 MiB', async () => {
    const { hello, haveChat, publish, clock } = await begin();
    await haveChat('c', ['alice', 'bob'], 5);
    const alice = await hello('alice');
    alice.buffered = 70_000;
    await publish(typing('bob', true), marks(['bob', 1, 1]));
    await clock.advance(300);
    expect(alice.pushes('typing')).toEqual([]);
    expect(alice.pushes('receipts')).toHaveLength(1);
    alice.buffered = 300_000;
    await publish(marks(['bob', 2, 2]), marks(['carol', 2, 1]), marks(['bob', 3, 3]));
    await clock.advance(1_000);
    expect(alice.pushes('receipts')).toHaveLength(1);
    alice.buffered = 0;
    await clock.advance(1_000);
    expect(alice.pushes('receipts')[1]).toMatchObject({
      marks: [
        { user: 'bob', delivered: 3, read: 3 },
        { user: 'carol', delivered: 2, read: 1 },
      ],
    });
    alice.buffered = 1_100_000;
    await publish(marks(['carol', 5, 5]));
    expect(alice.closeCode).toBeUndefined();
    await publish({
      kind: 'event',
      event: {
        chat: 'c',
        rev: 7,
        seq: 6,
        clock: clock.now() * 1_000,
        by: 'bob',
        body: { type: 'message.created', clientId: 'm', kind: 'text', text: 'x' },
      },
    });
    expect(alice.pushes('event')).toHaveLength(1);
    expect(alice.closeCode).toBe(4008);
  });
});

describe('presence', () => {
  it('is told of people one shares a chat with, when it changes, until unwatched', async () => {
    const { hello, haveChat, clock } = await begin();
    await haveChat('c', ['alice', 'bob'], 0);
    const alice = await hello('alice');
    alice.tell({ t: 'presence.watch', id: 2, users: ['bob', 'stranger'] });
    await clock.settle();
    expect(alice.reply(2)).toMatchObject({ states: [{ user: 'bob', online: false }] });
    const bob = await hello('bob');
    bob.leave();
    await clock.settle();
    alice.tell({ t: 'presence.unwatch', id: 3, users: ['bob'] });
    await hello('bob');
    expect(alice.pushes('presence').map((push) => push['states'][0]['online'])).toEqual([true, false]);
  });

  it('of an application in the background is offline', async () => {
    const { hello, bus, clock } = await begin();
    const alice = await hello('alice');
    alice.tell({ t: 'active', on: false });
    await clock.settle();
    expect(await bus.presence.get(['alice'])).toEqual([false]);
    alice.tell({ t: 'active', on: true });
    await clock.settle();
    expect(await bus.presence.get(['alice'])).toEqual([true]);
  });

  it('that ended without a word is found when leases have run out', async () => {
    const { hello, haveChat, bus, clock } = await begin({ presenceLeaseMs: 6_000 });
    await haveChat('c', ['alice', 'bob'], 0);
    await bus.presence.online('bob', 'session-of-a-gateway-that-died', 6_000);
    const alice = await hello('alice');
    alice.tell({ t: 'presence.watch', id: 2, users: ['bob'] });
    await clock.advance(9_000);
    expect(alice.pushes('presence')).toMatchObject([{ states: [{ user: 'bob', online: false }] }]);
  });
});
