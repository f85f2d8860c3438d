import { describe, expect, it } from 'vitest';
import { newDirect, newest, newGroup, people, peopleAt, say, syncAll, texts } from './chats.ts';
import { expectProblem, httpAs, HttpClient, readAnswer } from './http-client.ts';
import { newId, userId } from './names.ts';
import { PROTOCOL } from './protocol-tables.ts';
import { serviceToken, tokenFor } from './tokens.ts';
import { apiUrl, topologyOf } from './topology.ts';
import { eventually } from './waiting.ts';
import { connect } from './ws-client.ts';
import type { Loose } from './loose.ts';

const api = (token?: string): HttpClient => new HttpClient(apiUrl('default'), token);

describe('every command as POST /v1/{t}', () => {
  it('a chat from its creation to its end over HTTP alone', async () => {
    const [alice, bob, carol] = [userId('alice'), userId('bob'), userId('carol')];
    const http = await httpAs(alice);
    const bobHttp = await httpAs(bob);
    const carolHttp = await httpAs(carol);
    const key = (): { idempotencyKey: string } => ({ idempotencyKey: newId() });
    const settings = { join: 'open', history: 'all' };
    const created = await http.ok('chat.create', { kind: 'group', title: 'HTTP', members: [bob], settings }, key());
    expect(created).toMatchObject({ chat: { kind: 'group', title: 'HTTP', memberCount: 2, role: 'owner' } });
    const { chat } = created.chat;
    expect(await carolHttp.ok('chat.join', { chat }, key())).toMatchObject({ chat: { chat, role: 'member' } });
    const sent = await http.ok('message.send', { chat, kind: 'text', text: 'one' }, { idempotencyKey: 'send-1' });
    expect(sent).toMatchObject({ chat, clientId: 'send-1', seq: 1, rev: 3, at: expect.any(Number) });
    expect(await http.ok('message.edit', { chat, seq: 1, text: 'uno' }, key())).toEqual({ rev: 4 });
    expect(await bobHttp.ok('reaction.set', { chat, seq: 1, emoji: '👍', on: true }, key())).toEqual({ rev: 5 });
    expect(await http.ok('chat.update', { chat, title: 'H' }, key())).toEqual({ rev: 6 });
    expect(await http.ok('member.role', { chat, user: bob, role: 'admin' }, key())).toEqual({ rev: 7 });
    expect(await http.ok('member.add', { chat, users: [userId('dave')] }, key())).toEqual({ rev: 8 });
    expect(await carolHttp.ok('chat.leave', { chat }, key())).toEqual({ rev: 9 });
    expect(await http.ok('member.remove', { chat, user: bob }, key())).toEqual({ rev: 10 });
    expect(await http.ok('history', { chat })).toMatchObject({
      messages: [{ seq: 1, text: 'uno', reactions: { '👍': { n: 1, me: false, users: [bob] } } }],
      hasOlder: false,
      hasNewer: false,
      head: { seq: 1, rev: 10 },
    });
    expect(await http.ok('message.delete', { chat, seq: 1 }, key())).toEqual({ rev: 11 });
    expect((await http.ok('messages.get', { chat, seqs: [1] })).messages).toMatchObject([
      { seq: 1, deleted: expect.any(Number) },
    ]);
    const synced = await http.ok('sync', { chat, seq: 0, rev: 0 });
    expect(synced.events.map((event: Loose) => event.rev)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect((await http.ok('members.list', { chat })).members).toHaveLength(2);
    expect((await http.ok('chats.list', {})).chats).toMatchObject([{ chat }]);
    expect((await http.ok('chat.get', { chat })).chat).toMatchObject({ chat, memberCount: 2 });
  });

  it('what changes nobody else: preferences, marks, view, typing, presence, people, time, token', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const chat = await newDirect(alice, bob);
    await say(bob, chat, 'hi');
    const http = await httpAs(alice.user);
    await http.ok('chat.prefs', { chat, muted: true });
    await alice.push('chat.prefs', (push) => push['chat'] === chat && push['muted'] === true);
    await http.ok('delivered', { chat, seq: 1 });
    await http.ok('read', { chat, seq: 1 });
    await bob.push('receipts', (push) =>
      push['marks'].some((mark: Loose) => mark.user === alice.user && mark.read === 1),
    );
    expect((await http.ok('chat.view', { chat, from: 1, to: 1 })).marks).toContainEqual(
      expect.objectContaining({ user: bob.user, read: 1 }),
    );
    await http.ok('typing', { chat, on: true });
    await bob.push('typing', (push) => push['users'].includes(alice.user));
    await http.ok('active', { on: true });
    const { states } = await http.ok('presence.watch', { users: [bob.user] });
    expect(states).toMatchObject([{ user: bob.user, online: true }]);
    await http.ok('presence.unwatch', { users: [bob.user] });
    expect((await http.ok('users.get', { users: [bob.user] })).users).toMatchObject([{ id: bob.user, name: 'BOB' }]);
    expect((await http.ok('ping', {})).serverTime).toBeGreaterThan(1_600_000_000_000);
    expect((await http.ok('auth.refresh', { token: await tokenFor(alice.user) })).tokenExpiresAt).toBeGreaterThan(
      Date.now(),
    );
    await http.ok('user.block', { user: bob.user, on: false });
  });

  it('reaches connected people like any other command', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const chat = await newDirect(alice, bob);
    const http = await httpAs(alice.user);
    const { rev } = await http.ok('message.send', { chat, kind: 'text', text: 'by HTTP' }, { idempotencyKey: newId() });
    expect(await bob.eventAt(chat, rev)).toMatchObject({ by: alice.user, message: { text: 'by HTTP' } });
    expect(await alice.eventAt(chat, rev)).toMatchObject({ message: { text: 'by HTTP' } });
  });
});

describe('Idempotency-Key', () => {
  it('makes a repeated call the same call', async () => {
    const [alice] = await people('alice');
    const chat = await newGroup(alice, []);
    const http = await httpAs(alice.user);
    const key = { idempotencyKey: newId() };
    const first = await http.ok('message.send', { chat, kind: 'text', text: 'once' }, key);
    const again = await http.ok('message.send', { chat, kind: 'text', text: 'once' }, key);
    expect(again).toMatchObject({ seq: first.seq, rev: first.rev, at: first.at, duplicate: true });
    await http.refused('id_conflict', 'message.send', { chat, kind: 'text', text: 'other' }, key);
    expect(await newest(alice, chat)).toHaveLength(1);
  });

  it('calls at the same moment are one call', async () => {
    const [alice] = await people('alice');
    const chat = await newGroup(alice, []);
    const http = await httpAs(alice.user);
    const key = { idempotencyKey: newId() };
    const oks = await Promise.all(
      texts('', 5).map(() => http.ok('message.send', { chat, kind: 'text', text: 'once' }, key)),
    );
    expect(new Set(oks.map((ok) => ok.seq))).toEqual(new Set([1]));
    expect(await newest(alice, chat)).toHaveLength(1);
  });

  it('is the clientId of the wire: a send begun on a connection may be finished over HTTP', async () => {
    const [alice] = await people('alice');
    const chat = await newGroup(alice, []);
    const clientId = newId();
    const sent = await say(alice, chat, 'same', { clientId });
    const http = await httpAs(alice.user);
    const again = await http.ok('message.send', { chat, kind: 'text', text: 'same' }, { idempotencyKey: clientId });
    expect(again).toMatchObject({ seq: sent['seq'], rev: sent['rev'], clientId, duplicate: true });
  });

  it('may stand in the body as clientId, and one of both is needed', async () => {
    const [alice] = await people('alice');
    const chat = await newGroup(alice, []);
    const http = await httpAs(alice.user);
    expect(await http.ok('message.send', { chat, kind: 'text', text: 'x', clientId: 'in-body' })).toMatchObject({
      clientId: 'in-body',
    });
    const problem = await http.refused('invalid', 'message.send', { chat, kind: 'text', text: 'x' });
    expect(problem.path).toBe('clientId');
  });
});

describe('errors', () => {
  it('are problem+json with status, code and name', async () => {
    const [alice] = await people('alice');
    const chat = await newGroup(alice, []);
    const http = await httpAs(alice.user);
    const other = await httpAs(userId('bob'));
    expect(await http.refused('invalid', 'chat.get', { chat: 5 })).toMatchObject({ path: 'chat', status: 400 });
    await http.refused('unknown_type', 'no.such', {});
    await http.refused('bad_frame', 'chat.get', '{"chat":');
    await http.refused('too_large', 'users.get', { users: Array.from({ length: 201 }, () => newId()) });
    await other.refused('not_found', 'chat.get', { chat });
    await http.refused('forbidden', 'member.remove', { chat, user: alice.user, clientId: newId() });
    await api().refused('unauthenticated', 'chats.list', {});
    await api('nonsense').refused('token_invalid', 'chats.list', {});
  });
});

describe('a service token', () => {
  const service = (): HttpClient => new HttpClient(apiUrl('strict'), serviceToken('booking', 'strict'));

  it('posts into any chat as service:<sub>, also system messages', async () => {
    const [alice] = await peopleAt('strict', 'alice');
    const chat = await newGroup(alice, []);
    const { rev } = await service().ok(
      'message.send',
      { chat, kind: 'system', text: '예약이 확정되었습니다' },
      { idempotencyKey: newId() },
    );
    expect(await alice.eventAt(chat, rev)).toMatchObject({
      by: 'service:booking',
      message: { kind: 'system', text: '예약이 확정되었습니다' },
    });
    expect(await newest(alice, chat)).toMatchObject([{ by: 'service:booking', kind: 'system' }]);
  });

  it('acts as a user with `by`', async () => {
    const [alice, bob] = await peopleAt('strict', 'alice', 'bob');
    const created = await service().ok(
      'chat.create',
      { kind: 'direct', members: [bob.user], by: alice.user },
      { idempotencyKey: newId() },
    );
    const { chat } = created.chat;
    const { rev } = await service().ok(
      'message.send',
      { chat, kind: 'text', text: 'for alice', by: alice.user },
      { idempotencyKey: newId() },
    );
    expect(await bob.eventAt(chat, rev)).toMatchObject({ by: alice.user });
    expect((await syncAll(alice, chat)).map((event) => event.by)).toEqual([alice.user, alice.user]);
  });

  it('makes a group for others', async () => {
    const [alice] = await peopleAt('strict', 'alice');
    const { chat } = await service().ok(
      'chat.create',
      { kind: 'group', title: 'Trip', members: [alice.user] },
      { idempotencyKey: newId() },
    );
    expect((await alice.ok('chats.list'))['chats']).toMatchObject([{ chat: chat.chat, title: 'Trip' }]);
  });

  it('is needed for system messages: users are refused', async () => {
    const [alice] = await peopleAt('strict', 'alice');
    const chat = await newGroup(alice, []);
    await alice.refused('forbidden', 'message.send', { chat, kind: 'system', text: 'x' });
    const http = await httpAs(alice.user, 'strict');
    await http.refused('forbidden', 'message.send', { chat, kind: 'system', text: 'x', clientId: newId() });
    expect(await newest(alice, chat)).toEqual([]);
  });

  it('is needed to act as somebody else', async () => {
    const [alice] = await peopleAt('strict', 'alice');
    const chat = await newGroup(alice, []);
    const http = await httpAs(alice.user, 'strict');
    const fields = { chat, kind: 'text', text: 'x', by: userId('bob'), clientId: newId() };
    await http.refused('forbidden', 'message.send', fields);
    expect(await newest(alice, chat)).toEqual([]);
  });
});

describe('what operators and integrators read', () => {
  it('/openapi.json is OpenAPI 3.1 and lists every command', async () => {
    const answer = await fetch(`${apiUrl('default')}/openapi.json`);
    expect(answer.status).toBe(200);
    const document: Loose = await answer.json();
    expect(document.openapi).toMatch(/^3\.1/);
    for (const t of PROTOCOL.commands) expect(document.paths[`/v1/${t}`]?.post, t).toBeDefined();
  });

  it('/livez and /readyz answer 200, /metrics has figures of Garam', async () => {
    for (const base of topologyOf('default').healthUrls) {
      expect((await fetch(`${base}/livez`)).status).toBe(200);
      expect((await fetch(`${base}/readyz`)).status).toBe(200);
      const metrics = await fetch(`${base}/metrics`);
      expect(metrics.status).toBe(200);
      expect(await metrics.text()).toMatch(/^garam_\w+(\{.*\})? [\d.e+-]+/m);
    }
  });

  it('metrics count what happens', async () => {
    const total = async (): Promise<number> => {
      const pages = await Promise.all(
        topologyOf('default').healthUrls.map(async (base) => (await fetch(`${base}/metrics`)).text()),
      );
      return pages
        .join('\n')
        .split('\n')
        .filter((line) => line.startsWith('garam_'))
        .map((line) => Number(line.split(' ').at(-1)))
        .filter(Number.isFinite)
        .reduce((sum, value) => sum + value, 0);
    };
    const before = await total();
    const [alice] = await people('alice');
    const chat = await newGroup(alice, []);
    await say(alice, chat, 'count me');
    await eventually(async () => expect(await total()).not.toBe(before));
  });

  it('the dev token endpoint does not exist where tokens are configured', async () => {
    const answer = await fetch(`${apiUrl('strict')}/v1/dev/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user: 'mallory' }),
    });
    expectProblemOrMissing(await readAnswer(answer));
    const client = await connect(userId('alice'), { target: 'strict' });
    await client.ok('ping');
  });
});

/** 404, or the refusal of an unknown command: no token either way. */
function expectProblemOrMissing(answer: { status: number; type: string; body: Loose }): void {
  expect(answer.body?.token).toBeUndefined();
  if (answer.status !== 404) expectProblem(answer, 'unknown_type');
}
