import { BusError, type Bus } from '@garam/bus/bus';
import { systemClock } from '@garam/runtime/system-clock';
import { quietLogger } from '@garam/telemetry/logger';
import { createMetrics } from '@garam/telemetry/meter';
import { eventAt, newName, typingEntry, usersOf } from '@garam/testkit/bus-values';
import { until } from '@garam/testkit/until';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createRedisBus } from './create-redis-bus.ts';
import type { RedisBusOptions } from './redis-bus-options.ts';
import { notingListener } from './testing/noting-listener.ts';
import { startOwnRedis, type OwnRedis } from './testing/own-redis.ts';
import { startTcpProxy, type TcpProxy } from './testing/tcp-proxy.ts';

const LONG_MS = 600_000;
const PUBSUB_BYTES_MAX = 256 * 1024;
let redis: OwnRedis;
let proxy: TcpProxy;
let buses: Bus[];

beforeAll(async () => {
  redis = await startOwnRedis(['--client-output-buffer-limit', 'pubsub', `${PUBSUB_BYTES_MAX}`, '0', '0']);
});
afterAll(() => redis.dispose());
beforeEach(async () => {
  proxy = await startTcpProxy(redis.port);
  buses = [];
});
afterEach(async () => {
  for (const bus of buses) await bus.close();
  await proxy.close();
});

/** A bus behind the proxy. */
async function open(options: Partial<RedisBusOptions> = {}): Promise<Bus> {
  const bus = await createRedisBus({ url: proxy.url, clock: systemClock, logger: quietLogger, ...options });
  buses.push(bus);
  return bus;
}

const openDirect = () => open({ url: redis.url });
const isBack = (bus: Bus) =>
  until(
    () =>
      bus.routes
        .get([])
        .then(() => bus.recent.heads(['a']))
        .then(
          () => true,
          () => false,
        ),
    'the bus is in reach',
  );

test('after a restart of the server subscriptions are back, routes are missing and nothing is recent', async () => {
  const bus = await open();
  const listener = notingListener();
  await bus.subscribe('g1', listener);
  await bus.routes.add(['chat:a', 'chat:b'], 'g1', LONG_MS);
  await bus.recent.append(eventAt('a', 4));
  await redis.kill();
  await until(() => listener.signals.includes('lost'), 'the loss is noticed');
  await expect(bus.publish('g1', [typingEntry('x')])).rejects.toBeInstanceOf(BusError);
  await redis.start();
  await until(() => listener.signals.includes('resubscribed'), 'the subscription is back');
  await isBack(bus);
  expect(await bus.routes.get(['chat:a'])).toEqual([[]]);
  expect(await bus.routes.add(['chat:a', 'chat:b'], 'g1', LONG_MS)).toEqual(['chat:a', 'chat:b']);
  expect(await bus.recent.heads(['a'])).toEqual([0]);
  await bus.publish('g1', [typingEntry('y')]);
  await until(() => listener.heard.length > 0, 'entries arrive');
  expect(usersOf(listener.heard)).toEqual(['y']);
  expect(listener.signals).toEqual(['lost', 'back', 'resubscribed']);
});

test('when all is forgotten a renewal finds its routes missing, heads are 0 and scripts still run', async () => {
  const bus = await open();
  await bus.routes.add(['chat:a'], 'g1', LONG_MS);
  await bus.recent.append(eventAt('a', 1));
  await redis.command('FLUSHALL');
  await redis.command('SCRIPT', 'FLUSH');
  expect(await bus.routes.add(['chat:a'], 'g1', LONG_MS)).toEqual(['chat:a']);
  expect(await bus.recent.heads(['a'])).toEqual([0]);
  expect(await bus.recent.range('a', 0, 10)).toEqual([]);
});

test('while the server is frozen calls end with their deadline, then at once, and go on when it is back', async () => {
  const bus = await open({ commandTimeoutMs: 300, watchIntervalMs: 100 });
  const listener = notingListener();
  await bus.subscribe('g1', listener);
  const thaw = redis.freeze();
  const first = Array.from({ length: 10 }, () => bus.recent.heads(['a']));
  for (const outcome of await Promise.allSettled(first)) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(BusError) });
  }
  const refused = await Promise.allSettled(Array.from({ length: 10_000 }, () => bus.recent.append(eventAt('a', 1))));
  expect(refused.filter(({ status }) => status === 'fulfilled')).toEqual([]);
  const waited = refused.filter((outcome) => outcome.status === 'rejected' && /within/.test(String(outcome.reason)));
  expect(waited.length).toBeLessThanOrEqual(1);
  await until(() => listener.signals.includes('lost'), 'the subscription misses the answers');
  thaw();
  await isBack(bus);
  await until(() => listener.signals.includes('resubscribed'), 'the subscription is back');
  expect(await bus.recent.append(eventAt('thawed', 1))).toBeUndefined();
});

test('a slow server is no error below the deadline', async () => {
  const bus = await open({ commandTimeoutMs: 10_000 });
  proxy.delay(60);
  const chats = Array.from({ length: 50 }, () => newName('slow'));
  await Promise.all(chats.map((chat) => bus.recent.append(eventAt(chat, 1))));
  expect(await bus.recent.heads(chats)).toEqual(chats.map(() => 1));
});

test('commands that wait for a slow server are bounded; those beyond are refused at once', async () => {
  const bus = await open({ commandTimeoutMs: 10_000, commandsMax: 50 });
  const release = proxy.hold();
  const calls = Array.from({ length: 200 }, (_, rev) => bus.recent.append(eventAt('bounded', rev + 1)));
  const outcomes = Promise.allSettled(calls);
  await expect(calls.at(-1)).rejects.toThrow(/too many/);
  release();
  const done = await outcomes;
  expect(done.filter(({ status }) => status === 'fulfilled')).toHaveLength(50);
  await bus.recent.append(eventAt('bounded', 1_000));
});

test('bytes that wait for a slow server are bounded', async () => {
  const bus = await open({ commandTimeoutMs: 10_000, bytesMax: 20_000 });
  const release = proxy.hold();
  const big = { ...typingEntry('x'.repeat(9_000)) };
  const calls = Array.from({ length: 20 }, () => bus.publish('nobody', [big]));
  const outcomes = Promise.allSettled(calls);
  await expect(calls.at(-1)).rejects.toThrow(/too many/);
  release();
  expect((await outcomes).filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
});

test('a connection that is silent without being closed is given up', async () => {
  const bus = await open({ commandTimeoutMs: 200, watchIntervalMs: 100 });
  const listener = notingListener();
  await bus.subscribe('g1', listener);
  const release = proxy.hold('ssubscribe');
  await until(() => listener.signals.includes('lost'), 'the loss is noticed');
  await (await openDirect()).publish('g1', [typingEntry('unheard')]);
  release();
  await until(() => listener.signals.includes('resubscribed'), 'the subscription is back');
  expect(listener.signals).toEqual(['lost', 'back', 'resubscribed']);
});

test('a subscriber that falls behind is cut off by the server, and learns of it', async () => {
  const bus = await open({ watchIntervalMs: LONG_MS });
  const listener = notingListener();
  await bus.subscribe('g1', listener);
  const release = proxy.hold('ssubscribe');
  const publishing = await openDirect();
  const subscribers = async () =>
    String(await redis.command('CLIENT', 'LIST', 'TYPE', 'PUBSUB')).split('id=').length - 1;
  expect(await subscribers()).toBe(1);
  const entry = typingEntry('x'.repeat(60_000));
  // The kernel's own buffers take megabytes before anything piles up in the server.
  for (let round = 0; round < 1_000 && (await subscribers()) > 0; round++) await publishing.publish('g1', [entry]);
  expect(await subscribers()).toBe(0);
  expect(listener.signals).toEqual([]);
  release();
  await until(() => listener.signals.includes('resubscribed'), 'the subscription is back');
  expect(listener.signals).toEqual(['lost', 'back', 'resubscribed']);
  await publishing.publish('g1', [typingEntry('after')]);
  await until(() => usersOf(listener.heard).includes('after'), 'entries arrive again');
});

test('a name is listened to again right after its last listener went', async () => {
  const bus = await open();
  const [one, other] = [notingListener(), notingListener()];
  const subscription = await bus.subscribe('g1', one);
  const closing = subscription.close();
  await bus.subscribe('g1', other);
  await closing;
  await bus.publish('g1', [typingEntry('a')]);
  await until(() => other.heard.length === 1, 'it has arrived');
  expect(one.heard).toEqual([]);
});

test('each loss of the subscription is told once', async () => {
  const bus = await open();
  const [one, other] = [notingListener(), notingListener()];
  await bus.subscribe('g1', one);
  await bus.subscribe('g1', other);
  for (let loss = 1; loss <= 3; loss++) {
    await redis.command('CLIENT', 'KILL', 'TYPE', 'PUBSUB');
    await until(() => one.signals.length === 3 * loss, 'the subscription is back');
  }
  const told = Array.from({ length: 3 }, () => ['lost', 'back', 'resubscribed']).flat();
  expect(one.signals).toEqual(told);
  expect(other.signals).toEqual(told);
});

test('a name may have listeners in several places, and all hear everything once', async () => {
  const [here, there] = [await open(), await openDirect()];
  const listeners = [notingListener(), notingListener(), notingListener()];
  const first = await here.subscribe('gateways', listeners[0]!);
  await here.subscribe('gateways', listeners[1]!);
  await there.subscribe('gateways', listeners[2]!);
  await there.publish('gateways', [typingEntry('a')]);
  await until(() => listeners.every(({ heard }) => heard.length === 1), 'all have heard it');
  await first.close();
  await here.publish('gateways', [typingEntry('b')]);
  await until(() => listeners.slice(1).every(({ heard }) => heard.length === 2), 'the others go on');
  expect(listeners.map(({ heard }) => usersOf(heard))).toEqual([['a'], ['a', 'b'], ['a', 'b']]);
});

test('leases end by the time of the server, whatever our clocks say', async () => {
  const ahead = { ...systemClock, now: () => systemClock.now() + 86_400_000 };
  const behind = { ...systemClock, now: () => 0 };
  const [fast, slow] = [await open({ clock: ahead }), await open({ clock: behind })];
  const [short, long] = [`chat:${newName('short')}`, `chat:${newName('long')}`] as const;
  await fast.routes.add([long], 'g1', LONG_MS);
  await slow.routes.add([short], 'g1', 400);
  expect(await slow.routes.get([long])).toEqual([['g1']]);
  await until(async () => (await fast.routes.get([short]))[0]!.length === 0, 'the short lease ends');
  expect(await slow.routes.add([short, long], 'g1', LONG_MS)).toEqual([short]);
  expect(Number(await redis.command('PTTL', `garam:chat:{${long.slice(5)}}:routes`))).toBeGreaterThan(LONG_MS * 2);
});

test('ten thousand routes are written and renewed by one call, in pieces that do not hold up the server', async () => {
  const bus = await open({ commandTimeoutMs: 10_000 });
  const keys = Array.from({ length: 10_000 }, () => `chat:${newName('many')}` as const);
  await redis.command('CONFIG', 'RESETSTAT');
  expect(await bus.routes.add(keys, 'g1', LONG_MS)).toEqual(keys);
  expect(await bus.routes.add(keys, 'g1', LONG_MS)).toEqual([]);
  await bus.routes.remove(keys.slice(0, 1), 'g1');
  expect(await bus.routes.add(keys, 'g1', LONG_MS)).toEqual(keys.slice(0, 1));
  const stats = String(await redis.command('INFO', 'commandstats'));
  const calls = [...stats.matchAll(/cmdstat_eval(?:sha)?:calls=(\d+)/g)].reduce((sum, [, n]) => sum + Number(n), 0);
  expect(calls).toBeGreaterThan(3 * 75);
  expect(calls).toBeLessThan(3 * 85);
});

test('a process may start while Redis is away: it goes on without, and with it as soon as it is there', async () => {
  const restore = proxy.cut();
  const bus = await open({ connectTimeoutMs: 200 });
  const listener = notingListener();
  await expect(bus.subscribe('g1', listener)).rejects.toBeInstanceOf(BusError);
  restore();
  await isBack(bus);
  await bus.subscribe('g1', listener);
  await bus.publish('g1', [typingEntry('a')]);
  await until(() => listener.heard.length === 1, 'it has arrived');
  expect(listener.signals).toEqual([]);
});

test('credentials that are refused are an error at once', async () => {
  const locked = await startOwnRedis(['--user', 'garam', 'on', '>right', 'allkeys', 'allchannels', 'allcommands']);
  const { port } = locked;
  await expect(open({ url: `redis://garam:wrong@127.0.0.1:${port}` })).rejects.toThrow(/refuses/);
  const bus = await open({ url: `redis://garam:right@127.0.0.1:${port}` });
  const listener = notingListener();
  await bus.subscribe('g1', listener);
  await bus.publish('g1', [typingEntry('a')]);
  await until(() => listener.heard.length === 1, 'it has arrived');
  await locked.dispose();
});

test('when the server is out of memory the call fails, and calls that write nothing go on', async () => {
  const bus = await open();
  await bus.recent.append(eventAt('full', 1));
  await redis.command('CONFIG', 'SET', 'maxmemory', 1);
  await redis.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
  for (let rev = 2; rev < 12; rev++) await expect(bus.recent.append(eventAt('full', rev))).rejects.toThrow(/OOM/);
  expect(await bus.recent.heads(['full'])).toEqual([1]);
  await redis.command('CONFIG', 'SET', 'maxmemory', 0);
  await bus.recent.append(eventAt('full', 2));
  expect(await bus.recent.heads(['full'])).toEqual([2]);
});

test('what is published is counted once for each instance, and so are the commands that carry it', async () => {
  const { meter, render } = createMetrics();
  const bus = await open({ meter });
  const events = Array.from({ length: 100 }, (_, index) => eventAt(`counted-${index}`, 1));
  await bus.recent.appendAll(events);
  await bus.routes.get(events.map(({ chat }) => `chat:${chat}` as const));
  for (const instance of ['g1', 'g2']) {
    await bus.publish(
      instance,
      events.map((event) => ({ kind: 'event', event })),
    );
  }
  const text = await render();
  const count = (name: string) => Number(new RegExp(`^${name}(?:{[^}]*})? (\\d+)`, 'm').exec(text)?.[1]);
  expect(count('garam_bus_published_entries_total')).toBe(200);
  expect(count('garam_bus_commands_total')).toBe(4);
});
