import { describe, expect, it } from 'vitest';
import { newGroup, people, say } from './chats.ts';
import { newId, userId } from './names.ts';
import { RawSocket } from './raw-socket.ts';
import { sign, tokenFor } from './tokens.ts';
import { gatewayUrl } from './topology.ts';
import { connect, expectError, helloFields, openSocket } from './ws-client.ts';

describe('hello', () => {
  it('is answered with user, session, log, times, limits and heartbeat', async () => {
    const user = userId('alice');
    const { hello } = await connect(user, { name: 'Alice Kim' });
    expect(hello).toMatchObject({
      user: { id: user, name: 'Alice Kim' },
      limits: {
        frameBytes: 65_536,
        textBytes: 16_384,
        dataBytes: 4_096,
        inflight: 32,
        open: 200,
        bigChat: 100,
        retryDays: 6,
      },
      heartbeat: { intervalMs: 25_000, timeoutMs: 10_000 },
    });
    expect(hello['session']).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
    expect(hello['log']).toMatch(/./);
    expect(Number.isInteger(hello['serverTime'])).toBe(true);
    expect(hello['tokenExpiresAt']).toBeGreaterThan(hello['serverTime']);
  });

  it('gives every connection its own session and all of them the same log', async () => {
    const [one, two] = await people('alice', 'bob');
    expect(one.hello['session']).not.toBe(two.hello['session']);
    expect(one.hello['log']).toBe(two.hello['log']);
  });

  it('is answered before anything else, with commands pipelined behind it', async () => {
    const user = userId('alice');
    const token = await tokenFor(user);
    const client = await openSocket(user);
    const frames = [client.frame('hello', helloFields(token)), client.frame('ping'), client.frame('chats.list')];
    for (const frame of frames) client.raw.sendText(JSON.stringify(frame));
    await Promise.all(frames.map((frame) => client.reply(frame.id)));
    expect(client.frames[0]).toMatchObject({ t: 'ok', id: 1, session: expect.any(String) });
    expect(client.frames.every((frame) => frame.t === 'ok')).toBe(true);
  });

  it('may come in one message together with the commands behind it', async () => {
    const user = userId('alice');
    const token = await tokenFor(user);
    const client = await openSocket(user);
    const replies = await client.batch([client.frame('hello', helloFields(token)), client.frame('ping')]);
    expect(replies).toMatchObject([
      { t: 'ok', session: expect.any(String) },
      { t: 'ok', serverTime: expect.any(Number) },
    ]);
  });

  it('ignores fields it does not know', async () => {
    const user = userId('alice');
    const token = await tokenFor(user);
    const client = await openSocket(user);
    await client.ok('hello', {
      ...helloFields(token),
      codec: 'new',
      device: { id: newId(), platform: 'web', model: 'X' },
    });
    expect(await client.ok('ping', { extra: { deep: [1, 2] } })).toMatchObject({ serverTime: expect.any(Number) });
  });

  it('is refused without a token, and the connection closed with 4501', async () => {
    const client = await openSocket('nobody');
    await client.refused('unauthenticated', 'hello', { device: { id: newId(), platform: 'web' } });
    await client.closedWith(4501);
  });

  it('is refused with a token that is none, and the connection closed with 4501', async () => {
    const client = await openSocket('nobody');
    await client.refused('token_invalid', 'hello', helloFields('not.a.token'));
    await client.closedWith(4501);
  });

  it('is refused with a token signed by somebody else', async () => {
    const client = await openSocket('nobody');
    const token = sign({ sub: userId('alice'), exp: 4_000_000_000 }, 'another secret of at least thirty-two bytes');
    await client.refused('token_invalid', 'hello', helloFields(token));
    await client.closedWith(4501);
  });

  it('must come first: any other command is unauthenticated and the connection closed with 4500', async () => {
    const client = await openSocket('nobody');
    await client.refused('unauthenticated', 'chats.list');
    await client.closedWith(4500);
  });

  it('takes at most 200 open chats', async () => {
    const user = userId('alice');
    const client = await openSocket(user);
    const open = Array.from({ length: 201 }, () => ({ chat: newId(), seq: 0, rev: 0 }));
    await client.refused('too_large', 'hello', helloFields(await tokenFor(user), { open }));
    await client.closedWith(4501);
  });

  it('a second hello is refused and changes nothing', async () => {
    const [alice] = await people('alice');
    const other = userId('mallory');
    await alice.refused('invalid', 'hello', helloFields(await tokenFor(other)));
    const chat = await newGroup(alice, []);
    expect((await alice.ok('members.list', { chat }))['members']).toMatchObject([{ user: alice.user }]);
  });
});

describe('the upgrade', () => {
  it('speaks JSON when no subprotocol is asked for, and names none', async () => {
    const client = await openSocket('alice');
    expect(client.raw.answer.headers['sec-websocket-protocol']).toBeUndefined();
    await client.ok('hello', helloFields(await tokenFor(userId('alice'))));
  });

  it('chooses garam.v1.json among others', async () => {
    const client = await openSocket('alice', { protocols: ['garam.v9.json', 'garam.v1.json'] });
    expect(client.raw.answer.headers['sec-websocket-protocol']).toBe('garam.v1.json');
    await client.ok('hello', helloFields(await tokenFor(userId('alice'))));
  });

  it('answers an unknown version with unsupported_version and 4502', async () => {
    const client = await openSocket('alice', { protocols: ['garam.v9.json'] });
    const error = await client.until((frame) => frame.t === 'err');
    expectError(error, 'unsupported_version');
    expect(error['id']).toBe(0);
    await client.closedWith(4502);
  });

  it('exists on /v1/connect only', async () => {
    const raw = await RawSocket.open(gatewayUrl('default'), { path: '/v2/connect' });
    expect(raw.answer.status).toBe(404);
    raw.destroy();
  });

  it("works with the platform's own WebSocket", async () => {
    const user = userId('alice');
    const token = await tokenFor(user);
    const url = `${gatewayUrl('default').replace(/^http/, 'ws')}/v1/connect`;
    const socket = new WebSocket(url, ['garam.v1.json']);
    const answer = await new Promise<string>((resolve, reject) => {
      socket.addEventListener('open', () => socket.send(JSON.stringify({ t: 'hello', id: 7, ...helloFields(token) })));
      socket.addEventListener('message', (event) => resolve(String(event.data)));
      socket.addEventListener('close', (event) => reject(new Error(`closed ${event.code}`)));
    });
    const first: unknown = JSON.parse(answer);
    expect(Array.isArray(first) ? first[0] : first).toMatchObject({ t: 'ok', id: 7, user: { id: user } });
    expect(socket.protocol).toBe('garam.v1.json');
    socket.close();
  });
});

describe('frames', () => {
  it('a batch of 1 to 100 frames is answered frame by frame', async () => {
    const [alice] = await people('alice');
    const frames = Array.from({ length: 100 }, () => alice.frame('ping'));
    const replies = await alice.batch(frames);
    expect(new Set(replies.map((reply) => reply['id'])).size).toBe(100);
    expect(await alice.batch([alice.frame('ping')])).toMatchObject([{ t: 'ok' }]);
  });

  it('a bad frame in a batch does not harm its neighbours', async () => {
    const [alice] = await people('alice');
    const [one, bad, two] = [alice.frame('ping'), alice.frame('no.such'), alice.frame('ping')];
    const replies = await alice.batch([one, bad, two]);
    expect(replies).toMatchObject([{ t: 'ok' }, { t: 'err', error: { name: 'unknown_type' } }, { t: 'ok' }]);
  });

  it('every id is answered exactly once', async () => {
    const [alice] = await people('alice');
    await Promise.all(Array.from({ length: 20 }, () => alice.ok('ping')));
    const ids = alice.frames.filter((frame) => frame['id'] !== undefined).map((frame) => frame['id']);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('an id in use is refused without disturbing the command that uses it', async () => {
    const [alice] = await people('alice');
    const chat = await newGroup(alice, []);
    const first = alice.frame('message.send', { chat, kind: 'text', text: 'first' });
    const second = { ...alice.frame('message.send', { chat, kind: 'text', text: 'second' }), id: first.id };
    alice.raw.sendText(JSON.stringify([first, second]));
    const error = await alice.until((frame) => frame.t === 'err');
    expectError(error, 'bad_frame');
    expect(error['id']).toBe(0);
    expect(await alice.reply(first.id)).toMatchObject({ t: 'ok', seq: 1 });
    expect((await alice.ok('history', { chat }))['messages']).toHaveLength(1);
  });

  it('ids up to 2³²−1 are answered', async () => {
    const [alice] = await people('alice');
    alice.raw.sendText(JSON.stringify({ t: 'ping', id: 4_294_967_295 }));
    expect(await alice.reply(4_294_967_295)).toMatchObject({ t: 'ok', serverTime: expect.any(Number) });
  });

  it('an unknown command is unknown_type, also the reserved search', async () => {
    const [alice] = await people('alice');
    await alice.refused('unknown_type', 'chat.explode', { chat: newId() });
    await alice.refused('unknown_type', 'search', { text: 'x' });
  });

  it('read, delivered, typing, active and pong without id are not answered', async () => {
    const [alice] = await people('alice');
    const chat = await newGroup(alice, []);
    await say(alice, chat, 'x');
    const before = alice.frames.length;
    alice.tell('read', { chat, seq: 1 });
    alice.tell('delivered', { chat, seq: 1 });
    alice.tell('typing', { chat, on: true });
    alice.tell('active', { on: true });
    alice.tell('pong');
    await alice.ok('ping');
    expect(alice.frames.slice(before).filter((frame) => frame['id'] !== undefined)).toHaveLength(1);
    expect(alice.frames.slice(before).filter((frame) => frame.t === 'err')).toHaveLength(0);
  });

  it('ping tells the time of the server', async () => {
    const [alice] = await people('alice');
    const one = await alice.ok('ping');
    const two = await alice.ok('ping');
    expect(two['serverTime']).toBeGreaterThanOrEqual(one['serverTime']);
  });

  it('active is accepted with an id', async () => {
    const [alice] = await people('alice');
    await alice.ok('active', { on: false });
    await alice.ok('active', { on: true });
  });
});
