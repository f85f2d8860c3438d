import { beforeEach, describe, expect, it } from 'vitest';
import type { BusEntry } from '@garam/contracts/bus-entry';
import { decodeReceipt } from '@garam/contracts/receipt-codec';
import { TOPICS } from '@garam/contracts/topics';
import { createApiWorld } from './api-world.test-support.ts';

let world: ReturnType<typeof createApiWorld>;
beforeEach(() => {
  world = createApiWorld();
});

const key = (clientId: string) => ({ 'idempotency-key': clientId });
const group = { kind: 'group', members: ['bob'], title: 'Team' };

async function createGroup(): Promise<string> {
  const { body } = await world.call('alice', 'chat.create', group, key('create1'));
  return (body['chat'] as { chat: string }).chat;
}

describe('commands over HTTP', () => {
  it('a chat is made, written to and read', async () => {
    const chat = await createGroup();
    const sent = await world.call('alice', 'message.send', { chat, kind: 'text', text: '안녕' }, key('m1'));
    expect(sent).toMatchObject({ status: 200, body: { chat, clientId: 'm1', seq: 1, rev: 2 } });
    const history = await world.call('bob', 'history', { chat });
    expect(history.body).toMatchObject({ messages: [{ seq: 1, text: '안녕', by: 'alice' }], head: { rev: 2 } });
    expect((await world.call('bob', 'chats.list')).body).toMatchObject({ chats: [{ chat, title: 'Team' }] });
    expect((await world.call('carol', 'history', { chat })).status).toBe(404);
  });

  it('a repeated call with the same key is the same message; with other content a conflict', async () => {
    const chat = await createGroup();
    const message = { chat, kind: 'text', text: 'once' };
    await world.call('alice', 'message.send', message, key('m1'));
    const again = await world.call('alice', 'message.send', { ...message, clientId: 'm1' }, key('"m1"'));
    expect(again).toMatchObject({ status: 200, body: { seq: 1, duplicate: true } });
    const other = await world.call('alice', 'message.send', { ...message, text: 'twice' }, key('m1'));
    expect(other).toMatchObject({ status: 409, body: { name: 'id_conflict', code: 409 } });
  });

  it('the key is required, and must not contradict the body', async () => {
    const message = { chat: 'g1', kind: 'text', text: 'x' };
    const invalid = { status: 400, body: { name: 'invalid', path: 'clientId' } };
    expect(await world.call('alice', 'message.send', message)).toMatchObject(invalid);
    expect(await world.call('alice', 'message.send', { ...message, clientId: 'a' }, key('b'))).toMatchObject(invalid);
    expect(await world.call('alice', 'message.send', message, key('not an id'))).toMatchObject(invalid);
  });

  it('a service acts as itself without membership, or as a user with that user’s rights', async () => {
    const chat = await createGroup();
    const booked = { chat, kind: 'system', text: 'booked' };
    expect(await world.call('service:shop', 'message.send', booked, key('s1'))).toMatchObject({ status: 200 });
    const asCarol = { chat, kind: 'text', text: 'x', by: 'carol' };
    expect((await world.call('service:shop', 'message.send', asCarol, key('s2'))).status).toBe(404);
    expect((await world.call('service:shop', 'message.send', { ...asCarol, by: 'bob' }, key('s3'))).status).toBe(200);
    expect((await world.call('alice', 'message.send', { ...asCarol, by: 'bob' }, key('s4'))).status).toBe(403);
    const { body } = await world.call('bob', 'history', { chat });
    expect(body).toMatchObject({ messages: [{ by: 'service:shop', kind: 'system' }, { by: 'bob' }] });
  });

  it('hello, pong and unknown commands are unknown_type', async () => {
    for (const type of ['hello', 'pong', 'nonsense', 'constructor'])
      expect(await world.call('alice', type)).toMatchObject({ status: 400, body: { name: 'unknown_type' } });
  });

  it('read is clamped to the head and recorded; nothing new records nothing', async () => {
    const chat = await createGroup();
    await world.call('alice', 'message.send', { chat, kind: 'text', text: 'x' }, key('m1'));
    expect(await world.call('bob', 'read', { chat, seq: 1_000_000 })).toMatchObject({ status: 200, body: {} });
    const [record] = await world.log.read(TOPICS.receipts, 0, 0, 10);
    expect(decodeReceipt(record!.value)).toEqual({ chat, marks: [{ user: 'bob', delivered: 1, read: 1 }] });
    await world.store.writes.raiseMarks([{ chat, user: 'bob', delivered: 1, read: 1 }]);
    await world.call('bob', 'read', { chat, seq: 1 });
    expect(await world.log.end(TOPICS.receipts, 0)).toBe(1);
  });

  it('preferences are written and told to the user’s gateways', async () => {
    const chat = await createGroup();
    const heard: BusEntry[] = [];
    await world.bus.subscribe('gw1', { entries: (entries) => heard.push(...entries), resubscribed() {} });
    await world.bus.routes.add(['user:bob'], 'gw1', 60_000);
    await world.call('bob', 'chat.prefs', { chat, muted: true });
    await world.clock.settle();
    expect(heard).toEqual([{ kind: 'chat.prefs', user: 'bob', chat, muted: true, pinned: false, hidden: false }]);
    expect((await world.call('bob', 'chat.get', { chat })).body).toMatchObject({ chat: { muted: true } });
  });

  it('who is blocked cannot write in the direct chat', async () => {
    const direct = { kind: 'direct', members: ['bob'] };
    const { body } = await world.call('alice', 'chat.create', direct, key('d1'));
    const { chat } = body['chat'] as { chat: string };
    await world.call('bob', 'user.block', { user: 'alice', on: true });
    const message = { chat, kind: 'text', text: 'x' };
    expect(await world.call('alice', 'message.send', message, key('d2'))).toMatchObject({
      status: 403,
      body: { name: 'blocked' },
    });
  });
});

describe('refusals', () => {
  const post = (payload: string | Buffer, headers: Record<string, string> = {}) =>
    world.app.inject({ method: 'POST', url: '/v1/ping', payload, headers });

  it('every error is a problem with its code and name', async () => {
    const { authorization } = await bearer();
    const json = { authorization, 'content-type': 'application/json' };
    const answers: [status: number, name: string, answer: Awaited<ReturnType<typeof post>>][] = [
      [401, 'unauthenticated', await post('{}', { 'content-type': 'application/json' })],
      [401, 'token_invalid', await post('{}', { ...json, authorization: 'Bearer x.y.z' })],
      [400, 'bad_frame', await post('{"a":', json)],
      [400, 'bad_frame', await post(Buffer.from([0x7b, 0xff, 0x7d]), json)],
      [400, 'bad_frame', await post('[]', json)],
      [400, 'bad_frame', await post('a=b', { ...json, 'content-type': 'application/x-www-form-urlencoded' })],
      [413, 'too_large', await post(JSON.stringify({ a: 'x'.repeat(70_000) }), json)],
      [400, 'invalid', await post(`{"a":${'['.repeat(40)}${']'.repeat(40)}}`, json)],
      [404, 'not_found', await world.app.inject({ url: '/nowhere' })],
      [405, 'unknown_type', await world.app.inject({ url: '/v1/ping' })],
    ];
    for (const [status, name, answer] of answers) {
      expect(answer.headers['content-type']).toContain('application/problem+json');
      expect(answer.headers['x-content-type-options']).toBe('nosniff');
      expect({ status: answer.statusCode, ...answer.json<object>() }).toMatchObject({ status, name });
    }
  });

  async function bearer() {
    const token = (await devTokenOf('localhost:8080')).json<{ token: string }>().token;
    return { authorization: `Bearer ${token}` };
  }

  const devTokenOf = (host: string, origin?: string) =>
    world.app.inject({
      method: 'POST',
      url: '/v1/dev/token',
      headers: { host, ...(origin === undefined ? {} : { origin }) },
      payload: { user: 'alice', name: 'Alice' },
    });

  it('a development token is for this machine only', async () => {
    expect((await devTokenOf('127.0.0.1:8080', 'http://localhost:8080')).statusCode).toBe(200);
    expect((await devTokenOf('evil.example')).statusCode).toBe(403);
    expect((await devTokenOf('localhost:8080', 'https://evil.example')).statusCode).toBe(403);
  });

  it('the name in a token becomes the profile', async () => {
    await world.app.inject({ method: 'POST', url: '/v1/ping', headers: await bearer(), payload: {} });
    const { body } = await world.call('bob', 'users.get', { users: ['alice', 'nobody'] });
    expect(body).toEqual({ users: [{ id: 'alice', name: 'Alice' }] });
  });

  it('too many calls are rate_limited and told when to come again', async () => {
    const rate = { perSecond: 1, burst: 2 };
    world = createApiWorld({ rates: { messages: rate, commands: rate } });
    const statuses = [];
    for (let index = 0; index < 3; index++) statuses.push((await world.call('alice', 'ping')).status);
    const { headers, body } = await world.call('alice', 'ping');
    expect(statuses).toEqual([200, 200, 429]);
    expect(headers['retry-after']).toBe('1');
    expect(body['retryAfterMs']).toBe(1_000);
    expect((await world.call('service:shop', 'ping')).status).toBe(200);
    expect((await world.call('bob', 'ping')).status).toBe(200);
  });

  it('an operator bans, silences and revokes; nobody else does', async () => {
    const admin = (body: object, user = 'service:ops') => world.call(user, 'admin/user', body);
    expect((await admin({ user: 'bob', banned: true }, 'alice')).status).toBe(403);
    expect((await admin({ user: 'bob', banned: true })).body).toMatchObject({ user: 'bob', banned: true });
    expect(await world.call('bob', 'ping')).toMatchObject({ status: 403, body: { name: 'revoked' } });
    const chat = await createGroup();
    await admin({ user: 'alice', silencedUntil: world.clock.now() + 60_000 });
    const message = { chat, kind: 'text', text: 'x' };
    expect(await world.call('alice', 'message.send', message, key('q'))).toMatchObject({ body: { name: 'silenced' } });
    await admin({ user: 'alice', revokedBefore: world.clock.now() + 1 });
    expect((await world.call('alice', 'ping')).status).toBe(403);
  });

  it('pages of allowed origins may call, others not', async () => {
    world = createApiWorld({ allowedOrigins: ['https://app.example'] });
    const preflight = async (origin: string) => {
      const headers = { origin, 'access-control-request-method': 'POST' };
      const answer = await world.app.inject({ method: 'OPTIONS', url: '/v1/ping', headers });
      return answer.headers['access-control-allow-origin'];
    };
    expect(await preflight('https://app.example')).toBe('https://app.example');
    expect(await preflight('https://evil.example')).toBeUndefined();
  });
});
