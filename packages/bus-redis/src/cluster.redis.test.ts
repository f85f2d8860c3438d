import type { Bus } from '@garam/bus/bus';
import { systemClock } from '@garam/runtime/system-clock';
import { quietLogger } from '@garam/telemetry/logger';
import { busContract } from '@garam/testkit/bus-contract';
import { eventAt, newName, typingEntry, usersOf } from '@garam/testkit/bus-values';
import { until } from '@garam/testkit/until';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRedisBus } from './create-redis-bus.ts';
import { keySlot } from './key-slot.ts';
import { notingListener } from './testing/noting-listener.ts';
import { startOwnCluster, type OwnCluster } from './testing/own-cluster.ts';

const EVENTS_PER_CHAT = 100;
const options = { clock: systemClock, logger: quietLogger, eventsPerChat: EVENTS_PER_CHAT };
let cluster: OwnCluster;

beforeAll(async () => {
  cluster = await startOwnCluster();
});
afterAll(() => cluster.dispose());

const open = (): Promise<Bus> => createRedisBus({ url: cluster.url, ...options });

async function cutAll(word?: string): Promise<() => Promise<void>> {
  const restores = cluster.proxies.map((proxy) => proxy.cut(word));
  return async () => restores.forEach((restore) => restore());
}

busContract('Redis Cluster', async () => {
  const bus = await open();
  return {
    bus,
    eventsPerChat: EVENTS_PER_CHAT,
    elapse: (ms) => systemClock.sleep(ms),
    loseConnection: (instance) => cutAll(`ssubscribe\r\n$${9 + instance.length}\r\ngaram:to:${instance}`),
    makeUnreachable: () => cutAll(),
    dispose: () => bus.close(),
  };
});

test('chats and users spread over all nodes, and one call reaches them all', async () => {
  const bus = await open();
  const chats = Array.from({ length: 300 }, () => newName('spread'));
  await bus.recent.appendAll(chats.flatMap((chat) => [eventAt(chat, 1), eventAt(chat, 2)]));
  expect(await bus.recent.heads(chats)).toEqual(chats.map(() => 2));
  await bus.routes.add(
    chats.map((chat) => `chat:${chat}` as const),
    'gateway',
    60_000,
  );
  expect(await bus.routes.get(chats.map((chat) => `chat:${chat}` as const))).toEqual(chats.map(() => ['gateway']));
  for (const node of cluster.nodes) expect(Number(await node.command('DBSIZE'))).toBeGreaterThan(100);
  await bus.close();
});

test('a channel whose slot moves to another node is found there, and its listeners are told to look', async () => {
  const bus = await open();
  const instance = newName('moving');
  const listener = notingListener();
  await bus.subscribe(instance, listener);
  const slot = keySlot(`garam:to:${instance}`);
  const owner = Math.floor(slot / Math.ceil(16_384 / 3));
  await cluster.moveSlot(slot, owner, (owner + 1) % 3);
  await until(() => listener.signals.includes('resubscribed'), 'the subscription has moved');
  expect(listener.signals).toEqual(['lost', 'back', 'resubscribed']);
  await until(
    () =>
      bus.publish(instance, [typingEntry('after')]).then(
        () => listener.heard.length > 0,
        () => false,
      ),
    'entries arrive again',
  );
  expect(new Set(usersOf(listener.heard))).toEqual(new Set(['after']));
  await bus.close();
});

test('while a node is frozen its chats answer with an error in time; afterwards they are there again', async () => {
  const bus = await open();
  const lost = chatOn(1);
  const whole = chatOn(0);
  await bus.recent.appendAll([eventAt(lost, 1), eventAt(whole, 1)]);
  const thaw = cluster.nodes[1]!.freeze();
  await expect(bus.recent.heads([lost])).rejects.toThrow();
  thaw();
  await until(async () => (await bus.recent.heads([lost, whole]).catch(() => [])).join() === '1,1', 'both are there');
  await bus.close();
});

/** A new chat whose slot the node has. */
function chatOn(node: number): string {
  for (;;) {
    const chat = newName('chat');
    if (Math.floor(keySlot(chat) / Math.ceil(16_384 / 3)) === node) return chat;
  }
}
