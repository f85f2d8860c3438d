import { describe, expect, it } from 'vitest';
import { newDirect, newGroup, peopleAt, say } from './chats.ts';
import { httpAs, HttpClient } from './http-client.ts';
import type { Loose } from './loose.ts';
import { newId, userId } from './names.ts';
import { STRICT_SECRET } from './profiles.ts';
import { nowSeconds, serviceToken, sign, tokenFor, type Claims } from './tokens.ts';
import { apiUrl, topologyOf } from './topology.ts';
import { connect, helloFields, openSocket } from './ws-client.ts';

/** How long an operator's word may take to reach every gateway. */
const POLL = { timeout: 10_000, interval: 20 };

const target = 'strict' as const;
const secret = (): string => topologyOf(target).jwtSecret ?? STRICT_SECRET;
const inAnHour = (): number => nowSeconds() + 3600;
const signed = (claims: Claims, header = {}): string => sign(claims, secret(), header);

interface BadToken {
  name: string;
  token: () => string;
  error: string;
}

const long = 'u'.repeat(129);
const BAD_TOKENS: BadToken[] = [
  { name: 'that has expired', token: () => signed({ sub: 'a', exp: nowSeconds() - 3600 }), error: 'token_expired' },
  {
    name: 'signed with another secret',
    token: () => sign({ sub: 'a', exp: inAnHour() }, `${secret()}x`),
    error: 'token_invalid',
  },
  {
    name: 'with alg none',
    token: () => `${signed({ sub: 'a', exp: inAnHour() }, { alg: 'none' }).split('.').slice(0, 2).join('.')}.`,
    error: 'token_invalid',
  },
  {
    name: 'with alg RS256',
    token: () => signed({ sub: 'a', exp: inAnHour() }, { alg: 'RS256' }),
    error: 'token_invalid',
  },
  { name: 'without sub', token: () => signed({ exp: inAnHour() }), error: 'token_invalid' },
  { name: 'with an empty sub', token: () => signed({ sub: '', exp: inAnHour() }), error: 'token_invalid' },
  { name: 'with a sub that is a number', token: () => signed({ sub: 5, exp: inAnHour() }), error: 'token_invalid' },
  { name: 'with a sub of 129 bytes', token: () => signed({ sub: long, exp: inAnHour() }), error: 'token_invalid' },
  {
    name: 'with a control character in sub',
    token: () => signed({ sub: 'a\u0000b', exp: inAnHour() }),
    error: 'token_invalid',
  },
  {
    name: 'with the reserved prefix service: in sub',
    token: () => signed({ sub: 'service:x', exp: inAnHour() }),
    error: 'token_invalid',
  },
  { name: 'without exp', token: () => signed({ sub: 'a' }), error: 'token_invalid' },
  { name: 'with an exp that is text', token: () => signed({ sub: 'a', exp: 'tomorrow' }), error: 'token_invalid' },
  {
    name: 'with a cut signature',
    token: () => signed({ sub: 'a', exp: inAnHour() }).slice(0, -4),
    error: 'token_invalid',
  },
  { name: 'with scope service', token: () => serviceToken('booking', target), error: 'token_invalid' },
];

describe('a token', () => {
  for (const { name, token, error } of BAD_TOKENS) {
    it(`${name} is refused with ${error} and 4501`, async () => {
      const client = await openSocket('nobody', { target });
      await client.refused(error, 'hello', helloFields(token()));
      await client.closedWith(4501);
    });
  }

  it('with a sub of 128 bytes, in any script, is accepted as it is', async () => {
    const user = `${userId('앨리스')}${'가'.repeat(30)}`;
    expect(Buffer.byteLength(user)).toBeLessThanOrEqual(128);
    const client = await connect(user, { target });
    expect(client.hello['user'].id).toBe(user);
  });

  it('gives the name and the picture of its user', async () => {
    const user = userId('alice');
    const token = await tokenFor(user, target, { name: '앨리스', picture: 'https://img.example.com/a.png' });
    const client = await connect(user, { target, token });
    expect(client.hello['user']).toMatchObject({ id: user, name: '앨리스' });
    const { users } = await client.ok('users.get', { users: [user] });
    expect(users).toMatchObject([{ id: user, name: '앨리스', avatar: 'https://img.example.com/a.png' }]);
  });
});

describe('auth.refresh', () => {
  it('takes a newer token of the same user and tells its end', async () => {
    const user = userId('alice');
    const client = await connect(user, { target });
    const exp = nowSeconds() + 7200;
    const reply = await client.ok('auth.refresh', { token: await tokenFor(user, target, { exp }) });
    expect(reply['tokenExpiresAt']).toBe(exp * 1000);
  });

  it('refuses a token of somebody else, and the connection goes on as it was', async () => {
    const client = await connect(userId('alice'), { target });
    await client.refused('token_invalid', 'auth.refresh', { token: await tokenFor(userId('bob'), target) });
    await newGroup(client, []);
  });

  it('refuses an expired token', async () => {
    const user = userId('alice');
    const client = await connect(user, { target });
    const token = signed({ sub: user, exp: nowSeconds() - 3600 });
    await client.refused('token_expired', 'auth.refresh', { token });
  });
});

describe.concurrent('a token about to expire', () => {
  it('is announced when less than a minute is left', async () => {
    const user = userId('alice');
    const client = await connect(user, { target, token: signed({ sub: user, exp: nowSeconds() + 30 }) });
    const push = await client.push('auth.expiring');
    expect(push['inMs']).toBeGreaterThan(0);
    expect(push['inMs']).toBeLessThanOrEqual(30_000);
  });

  it('closes the connection with 4501 when it has expired', async () => {
    const user = userId('alice');
    const client = await connect(user, { target, token: signed({ sub: user, exp: nowSeconds() + 2 }) });
    await client.closedWith(4501, 12_000);
  });

  it('does not, when it was refreshed in time', async () => {
    const user = userId('alice');
    const other = userId('bob');
    const client = await connect(user, { target, token: signed({ sub: user, exp: nowSeconds() + 2 }) });
    const fence = await connect(other, { target, token: signed({ sub: other, exp: nowSeconds() + 3 }) });
    await client.ok('auth.refresh', { token: await tokenFor(user, target) });
    await fence.closedWith(4501, 12_000);
    await client.ok('ping');
  });
});

describe('moderation', () => {
  const admin = (): HttpClient => new HttpClient(apiUrl(target), serviceToken('moderation', target));

  it('a ban closes the connections with 4504 and refuses new ones as revoked', async () => {
    const [alice, bob] = await peopleAt(target, 'alice', 'bob');
    await admin().ok('admin/user', { user: alice.user, banned: true });
    await alice.closedWith(4504);
    const again = await openSocket(alice.user, { target });
    await again.refused('revoked', 'hello', helloFields(await tokenFor(alice.user, target)));
    await again.closedWith(4504);
    await (await httpAs(alice.user, target)).refused('revoked', 'chats.list', {});
    await bob.ok('ping');
    await admin().ok('admin/user', { user: alice.user, banned: false });
    await connect(alice.user, { target });
  });

  it('revoking tokens closes their connections with 4501 and refuses them; newer ones are good', async () => {
    const user = userId('alice');
    const old = await tokenFor(user, target, { iat: nowSeconds() - 100 });
    const client = await connect(user, { target, token: old });
    await admin().ok('admin/user', { user, revokedBefore: Date.now() - 50_000 });
    await client.closedWith(4501);
    const again = await openSocket(user, { target });
    await again.refused('revoked', 'hello', helloFields(old));
    await again.closedWith(4501);
    await connect(user, { target });
  });

  it('a silenced person may read but not send, until the time is over', async () => {
    const [alice, bob] = await peopleAt(target, 'alice', 'bob');
    const chat = await newGroup(alice, [bob]);
    await admin().ok('admin/user', { user: bob.user, silencedUntil: Date.now() + 600_000 });
    // Gateways hear of it over the bus: soon, not at once.
    await expect
      .poll(
        async () =>
          (await bob.cmd('message.send', { chat, kind: 'text', text: 'hi', clientId: newId() }))['error']?.name,
        POLL,
      )
      .toBe('silenced');
    const before = (await bob.ok('history', { chat }))['head'].seq;
    await bob.refused('silenced', 'message.send', { chat, kind: 'text', text: 'hi' });
    await (
      await httpAs(bob.user, target)
    ).refused('silenced', 'message.send', { chat, kind: 'text', text: 'hi', clientId: 'x1' });
    expect((await bob.ok('history', { chat }))['head'].seq).toBe(before);
    await admin().ok('admin/user', { user: bob.user, silencedUntil: 0 });
    await expect
      .poll(async () => (await bob.cmd('message.send', { chat, kind: 'text', text: 'hi', clientId: newId() })).t, POLL)
      .toBe('ok');
  });

  it('a message accepted before stays accepted when it is sent again by someone silenced since', async () => {
    const [alice, bob] = await peopleAt(target, 'alice', 'bob');
    const chat = await newGroup(alice, [bob]);
    const sent = await say(bob, chat, 'before', { clientId: 'before' });
    await admin().ok('admin/user', { user: bob.user, silencedUntil: Date.now() + 600_000 });
    await expect
      .poll(
        async () =>
          (await bob.cmd('message.send', { chat, kind: 'text', text: 'x', clientId: newId() }))['error']?.name,
        POLL,
      )
      .toBe('silenced');
    const again = await say(bob, chat, 'before', { clientId: 'before', attempt: 2 });
    expect(again).toMatchObject({ seq: sent['seq'], rev: sent['rev'], duplicate: true });
    await bob.refused('silenced', 'message.send', { chat, kind: 'text', text: 'new', clientId: 'new', attempt: 2 });
    const texts = (await alice.ok('history', { chat }))['messages'].map((message: Loose) => message.text);
    expect(texts).toContain('before');
    expect(texts).not.toContain('new');
  });

  it('users may not use it', async () => {
    const mallory = await httpAs(userId('mallory'), target);
    await mallory.refused('forbidden', 'admin/user', { user: userId('bob'), banned: true });
  });

  it('a blocked person cannot send to the one who blocked, until unblocked; the other way it works', async () => {
    const [alice, bob] = await peopleAt(target, 'alice', 'bob');
    const chat = await newDirect(alice, bob);
    await alice.ok('user.block', { user: bob.user, on: true });
    await bob.refused('blocked', 'message.send', { chat, kind: 'text', text: 'hello?' });
    await (
      await httpAs(bob.user, target)
    ).refused('blocked', 'message.send', { chat, kind: 'text', text: 'hello?', clientId: 'b1' });
    await say(alice, chat, 'you may hear me');
    await (await httpAs(alice.user, target)).ok('user.block', { user: bob.user, on: false });
    await say(bob, chat, 'hello');
    expect((await alice.ok('history', { chat }))['messages']).toMatchObject([{ by: alice.user }, { by: bob.user }]);
  });

  it('a blocked person can still talk in a common group', async () => {
    const [alice, bob] = await peopleAt(target, 'alice', 'bob');
    const chat = await newGroup(alice, [bob]);
    await alice.ok('user.block', { user: bob.user, on: true });
    await say(bob, chat, 'to all');
  });
});
