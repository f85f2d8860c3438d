import { StoreError } from '@garam/store/store';
import { afterEach, describe, expect, it } from 'vitest';
import { createGatewayScene, type GatewayScene } from './testing/gateway-scene.ts';
import type { GatewayOptions } from './gateway-options.ts';

let scene: GatewayScene;
afterEach(async () => scene.stop());

async function begin(options?: Partial<GatewayOptions>): Promise<GatewayScene> {
  scene = await createGatewayScene(options);
  return scene;
}

describe('the upgrade', () => {
  it('exists on one path, for allowed origins and for clients without one', async () => {
    const { transport } = await begin({ allowedOrigins: ['https://app.example.com'] });
    expect(transport.upgrade({ path: '/v2/connect' })).toBe(404);
    expect(transport.upgrade({ origin: 'https://evil.example.com' })).toBe(403);
    expect(transport.upgrade({ origin: 'null' })).toBe(403);
    expect(transport.connect({ origin: 'https://app.example.com' }).protocol).toBe('garam.v1.json');
    expect(transport.connect({ protocols: ['garam.v9', 'garam.v1.json'] }).protocol).toBe('garam.v1.json');
  });

  it('lets in pages of its own address, whatever the list says', async () => {
    const { transport } = await begin({ allowedOrigins: ['https://app.example.com'] });
    const host = 'chat.example.com:8080';
    expect(transport.connect({ origin: 'http://chat.example.com:8080', host }).closeCode).toBeUndefined();
    expect(transport.upgrade({ origin: 'http://chat.example.com', host })).toBe(403);
    expect(transport.upgrade({ origin: 'http://chat.example.com:8080.evil.com', host })).toBe(403);
  });

  it('tells a version nobody speaks and closes with 4502', async () => {
    const { transport, clock } = await begin();
    const peer = transport.connect({ protocols: ['garam.v9'] });
    await clock.settle();
    expect(peer.frames).toMatchObject([{ t: 'err', id: 0, error: { name: 'unsupported_version' } }]);
    expect(peer.closeCode).toBe(4502);
  });
});

describe('hello', () => {
  it('must come within its time: 4500', async () => {
    const { transport, clock } = await begin();
    const peer = transport.connect();
    await clock.advance(4_000);
    expect(peer.closeCode).toBeUndefined();
    await clock.advance(1_500);
    expect(peer.closeCode).toBe(4500);
  });

  it('refused for the token it ends in 4501, for a ban in 4504', async () => {
    const { hello, store, clock } = await begin();
    await store.users.putStanding('bad', { banned: true }, 1);
    for (const [user, name, code] of [
      ['expired', 'token_expired', 4501],
      ['svc-x', 'token_invalid', 4501],
      ['bad', 'revoked', 4504],
    ] as const) {
      const peer = await hello(user);
      await clock.settle();
      expect(peer.frames).toMatchObject([{ t: 'err', id: 1, error: { name } }]);
      expect(peer.closeCode).toBe(code);
    }
  });

  it('that cannot be answered now is temporary, and the client may come back', async () => {
    const { hello, store } = await begin();
    store.users.standing = () => Promise.reject(new StoreError('away'));
    const peer = await hello('alice');
    expect(peer.frames).toMatchObject([{ t: 'err', error: { name: 'unavailable', temporary: true } }]);
    expect(peer.closeCode).toBe(1012);
  });

  it('names the log by its id, or by the name of the log it took over; while that is under way nobody is let in', async () => {
    const { hello, log, store } = await begin();
    await store.logNames.put(log.id, { name: 'old', isComplete: false }, 1);
    expect((await hello('alice')).frames[0]).toMatchObject({
      t: 'err',
      error: { name: 'unavailable', temporary: true },
    });
    await store.logNames.put(log.id, { name: 'old', isComplete: true }, 2);
    expect((await hello('alice')).frames[0]).toMatchObject({ t: 'ok', log: 'old' });
    await scene.stop();
    const other = await begin();
    expect((await other.hello('alice')).frames[0]).toMatchObject({ t: 'ok', log: other.log.id });
  });

  it('is answered before the commands that came with it', async () => {
    const { transport, clock } = await begin();
    const peer = transport.connect();
    peer.tell({ t: 'hello', id: 9, token: 'alice', device: { id: 'd' } }, { t: 'ping', id: 2 });
    peer.tell({ t: 'ping', id: 3 });
    await clock.settle();
    expect(peer.frames.map((frame) => frame['id'])).toEqual([9, 2, 3]);
  });

  it('of the same device replaces the older connection, after its replies', async () => {
    const { hello, clock } = await begin();
    const [older, other] = [await hello('alice'), await hello('alice', { device: { id: 'another' } })];
    older.tell({ t: 'chats.list', id: 5 });
    await hello('alice');
    await clock.settle();
    expect(older.reply(5)).toMatchObject({ t: 'ok' });
    expect(older.closeCode).toBe(4503);
    expect(other.closeCode).toBeUndefined();
  });

  it('of the same device at another gateway does so too, but never an older one the newer', async () => {
    const { hello, bus, clock } = await begin();
    const peer = await hello('alice');
    const session = peer.frames[0]!['session'] as string;
    const entry = { kind: 'session', user: 'alice', device: 'device-of-alice' } as const;
    await bus.publish('gateway-1', [
      { ...entry, session: '000000000older' },
      { ...entry, session },
    ]);
    await clock.settle();
    expect(peer.closeCode).toBeUndefined();
    await bus.publish('gateway-1', [{ ...entry, session: 'zzzzzzzzznewer' }]);
    await clock.settle();
    expect(peer.closeCode).toBe(4503);
  });
});

describe('frames', () => {
  it('without usable id are answered with id 0; the tenth closes with 4505', async () => {
    const { hello } = await begin();
    const peer = await hello('alice');
    for (let count = 0; count < 9; count++) peer.raw('{');
    expect(peer.closeCode).toBeUndefined();
    peer.tell({ t: 'ping', id: 'seven' });
    expect(peer.frames.filter((frame) => frame['id'] === 0)).toHaveLength(10);
    expect(peer.closeCode).toBe(4505);
  });

  it('of the wrong kind close with 1003', async () => {
    const { hello } = await begin();
    const peer = await hello('alice');
    peer.raw(Uint8Array.of(1));
    expect(peer.closeCode).toBe(1003);
  });

  it('take at most 32 ids at a time; an id in use is not disturbed', async () => {
    const { hello } = await begin({ rates: null });
    const peer = await hello('alice');
    const send = (id: number) => ({ t: 'chats.list', id });
    peer.tell(...Array.from({ length: 33 }, (_, index) => send(index + 10)));
    expect(peer.reply(42)).toMatchObject({ error: { name: 'rate_limited' } });
    expect(peer.reply(41)).toBeUndefined();
    peer.tell(send(10));
    expect(peer.frames.at(-1)).toMatchObject({ id: 0, error: { name: 'bad_frame' } });
  });
});

describe('the heartbeat', () => {
  it('pings a silent connection and closes a dead one with 4010', async () => {
    const { hello, clock } = await begin();
    const [answering, silent] = [await hello('alice'), await hello('bob')];
    for (let second = 0; second < 120; second++) {
      const before = answering.pushes('ping').length;
      await clock.advance(1_000);
      if (answering.pushes('ping').length > before) answering.tell({ t: 'pong' });
    }
    expect(answering.closeCode).toBeUndefined();
    expect(answering.pushes('ping').length).toBeGreaterThanOrEqual(4);
    expect(silent.pushes('ping')).toHaveLength(1);
    expect(silent.closeCode).toBe(4010);
  });

  it('a connection busy in both directions is not pinged', async () => {
    const { hello, clock } = await begin();
    const peer = await hello('alice');
    for (let count = 0; count < 12; count++) {
      await clock.advance(10_000);
      peer.tell({ t: 'ping', id: 100 + count });
    }
    expect(peer.pushes('ping')).toEqual([]);
  });

  it('a frame read after a long standstill is not handled', async () => {
    const { transport, clock, log } = await begin({ heartbeat: { intervalMs: 25_000, timeoutMs: 10_000 } });
    const peer = transport.connect();
    peer.tell({ t: 'hello', id: 1, token: 'alice', device: { id: 'd' } });
    await clock.settle();
    const { now, monotonic } = clock;
    Object.assign(clock, { now: () => now() + 36_000, monotonic });
    peer.tell({ t: 'message.send', id: 2, clientId: 'm', chat: 'c', kind: 'text', text: 'late' });
    await clock.settle();
    expect(peer.reply(2)).toBeUndefined();
    expect(peer.closeCode).toBe(4010);
    const ends = await Promise.all(
      Array.from({ length: log.partitions }, (_, partition) => log.end('garam.chat.commands.v1', partition)),
    );
    expect(ends.every((end) => end === 0)).toBe(true);
  });
});

describe('the token', () => {
  it('is announced to expire a minute ahead, can be refreshed, and closes with 4501 at its end', async () => {
    const { hello, clock } = await begin();
    const peer = await hello('alice', { token: 'alice@90000' });
    const alive = async (ms: number) => {
      for (let passed = 0; passed < ms; passed += 1_000) {
        await clock.advance(1_000);
        peer.tell({ t: 'pong' });
      }
    };
    await alive(32_000);
    expect(peer.pushes('auth.expiring')).toHaveLength(1);
    expect(peer.pushes('auth.expiring')[0]!['inMs']).toBeLessThanOrEqual(60_000);
    peer.tell({ t: 'auth.refresh', id: 2, token: 'bob' }, { t: 'auth.refresh', id: 3, token: 'alice@70000' });
    await clock.settle();
    expect(peer.reply(2)).toMatchObject({ error: { name: 'token_invalid' } });
    expect(peer.reply(3)).toMatchObject({ t: 'ok', tokenExpiresAt: expect.any(Number) });
    await alive(60_000);
    expect(peer.closeCode).toBeUndefined();
    await alive(12_000);
    expect(peer.closeCode).toBe(4501);
  });

  it('of somebody banned meanwhile closes with 4504, a revoked one with 4501', async () => {
    const { hello, store, bus, clock } = await begin();
    const [alice, bob] = [await hello('alice'), await hello('bob')];
    await store.users.putStanding('alice', { banned: true }, 1);
    await store.users.putStanding('bob', { revokedBefore: clock.now() + 1 }, 1);
    await bus.publish('gateway-1', [
      { kind: 'standing', user: 'alice' },
      { kind: 'standing', user: 'bob' },
    ]);
    await clock.settle();
    expect([alice.closeCode, bob.closeCode]).toEqual([4504, 4501]);
    expect(alice.frames.at(-1)).toMatchObject({ t: 'err', id: 0, error: { name: 'revoked' } });
  });
});

it('what somebody sends right after being silenced is refused', async () => {
  const { hello, store, bus, clock } = await begin();
  const alice = await hello('alice');
  await store.users.putStanding('alice', { silencedUntil: clock.now() + 60_000 }, 1);
  await bus.publish('gateway-1', [{ kind: 'standing', user: 'alice' }]);
  await new Promise((resolve) => setImmediate(resolve));
  alice.tell({ t: 'message.send', id: 2, clientId: 'm', chat: 'c', kind: 'text', text: 'x' });
  await clock.settle();
  expect(alice.reply(2)).toMatchObject({ error: { name: 'silenced' } });
});

describe('rates', () => {
  const rates = { messages: { perSecond: 2, burst: 5 }, commands: { perSecond: 5, burst: 10 } };

  it('refuse what is too much, tell when to come again, and never touch read and pong', async () => {
    const { hello, clock } = await begin({ rates });
    const peer = await hello('alice');
    for (let id = 10; id < 21; id++) peer.tell({ t: 'ping', id });
    for (let count = 0; count < 50; count++)
      peer.tell({ t: 'pong' }, { t: 'read', id: 100 + count, chat: 'c', seq: 1 });
    expect(peer.reply(19)).toMatchObject({ t: 'ok' });
    expect(peer.reply(20)).toMatchObject({ error: { name: 'rate_limited', temporary: true, retryAfterMs: 200 } });
    expect(peer.reply(149)).toMatchObject({ error: { name: 'not_found' } });
    await clock.advance(200);
    peer.tell({ t: 'ping', id: 21 });
    expect(peer.reply(21)).toMatchObject({ t: 'ok' });
  });

  it('count per user over all connections', async () => {
    const { hello } = await begin({ rates });
    const [one, two] = [await hello('alice'), await hello('alice', { device: { id: 'two' } })];
    for (let id = 10; id < 17; id++) for (const peer of [one, two]) peer.tell({ t: 'ping', id });
    const answers = [one, two].flatMap((peer) =>
      peer.frames.filter((frame) => frame['serverTime'] && frame['id'] >= 10),
    );
    expect(answers).toHaveLength(10);
  });

  it('far too much closes with 4009', async () => {
    const { hello } = await begin({ rates });
    const peer = await hello('alice');
    for (let id = 10; id < 1_000 && peer.closeCode === undefined; id++) peer.tell({ t: 'ping', id });
    expect(peer.closeCode).toBe(4009);
  });
});

describe('the end', () => {
  it('drain tells everybody, waits, then closes with 4001', async () => {
    const { hello, gateway, transport, clock } = await begin({ drainMs: 3_000 });
    const peer = await hello('alice');
    const draining = gateway.drain(10_000);
    await clock.advance(2_000);
    expect(gateway.readiness()).toMatchObject({ ready: false });
    expect(transport.isAccepting).toBe(false);
    expect(peer.pushes('drain')).toEqual([{ t: 'drain', afterMs: 3_000 }]);
    expect(peer.closeCode).toBeUndefined();
    await clock.advance(4_000);
    await draining;
    expect(peer.closeCode).toBe(4001);
  });

  it('stop closes with 1012 and gives up the routes', async () => {
    const { hello, gateway, bus, clock } = await begin();
    const peer = await hello('alice');
    expect(await bus.routes.get(['user:alice'])).toEqual([['gateway-1']]);
    const stopping = gateway.stop();
    await clock.advance(3_000);
    await stopping;
    expect(peer.closeCode).toBe(1012);
    expect(await bus.routes.get(['user:alice'])).toEqual([[]]);
  });
});
