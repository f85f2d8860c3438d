import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { newest, newGroup, people, peopleAt, say, texts } from './chats.ts';
import { httpAs, httpStatusOf } from './http-client.ts';
import { userId, userIds } from './names.ts';
import { QUICK_HEARTBEAT, QUICK_RATES } from './profiles.ts';
import { topologyOf } from './topology.ts';
import { connect, expectError, helloFields, openSocket } from './ws-client.ts';
import { tokenFor } from './tokens.ts';
import type { Loose } from './loose.ts';

const target = 'quick' as const;

describe.concurrent('the heartbeat', () => {
  it('is announced as configured', async () => {
    const [alice] = await peopleAt(target, 'alice');
    expect(alice.hello['heartbeat']).toEqual(QUICK_HEARTBEAT);
  });

  it('pings a silent connection, which stays open as long as it answers', async () => {
    const [alice] = await peopleAt(target, 'alice');
    await alice.push('ping');
    const pings = (): number => alice.pushes('ping').length;
    const enough = 4;
    await alice.until(() => pings() >= enough, 'four pings', 10_000);
    await alice.ok('ping');
  });

  it('closes a connection that does not answer with 4010', async () => {
    const mute = await connect(userId('mute'), { target, pong: false });
    await mute.push('ping');
    await mute.closedWith(4010);
  });

  it('closes a connection that never says hello with 4500', async () => {
    const client = await openSocket('nobody', { target });
    await client.closedWith(4500);
  });
});

describe('rates', () => {
  it('sends above the burst are rate_limited with a time to wait; sent again in order they keep their order', async () => {
    const [alice] = await peopleAt(target, 'alice');
    const chat = await newGroup(alice, []);
    const frames = texts('m', QUICK_RATES.messageBurst + 4).map((text) =>
      alice.frame('message.send', { chat, kind: 'text', text }),
    );
    const replies = await alice.batch(frames);
    const refused = replies.findIndex((reply) => reply.t === 'err');
    expect(refused).toBeGreaterThanOrEqual(QUICK_RATES.messageBurst);
    for (const reply of replies.slice(refused)) expectError(reply, 'rate_limited');
    expect(replies[refused]!['error'].retryAfterMs).toBeGreaterThan(0);
    let attempt = 2;
    let left = frames.slice(refused);
    while (left.length > 0 && attempt < 40) {
      await sleep(220);
      const again = left.map((frame) => alice.repeat(frame, attempt));
      const oks = (await alice.batch(again)).filter((reply) => reply.t === 'ok').length;
      left = left.slice(oks);
      attempt++;
    }
    const messages = await newest(alice, chat);
    expect(messages.map((message) => message.text)).toEqual(frames.map((frame) => frame['text']));
  });

  it('count per user over all connections', async () => {
    const user = userId('alice');
    const url = topologyOf(target).urls[0] as string;
    const phone = await connect(user, { target, url });
    const laptop = await connect(user, { target, url });
    const chat = await newGroup(phone, []);
    await phone.batch(
      texts('m', QUICK_RATES.messageBurst + 2).map((text) => phone.frame('message.send', { chat, kind: 'text', text })),
    );
    await laptop.refused('rate_limited', 'message.send', { chat, kind: 'text', text: 'me too' });
  });

  it('do not touch read and delivered, nor other people', async () => {
    const [alice, bob] = await peopleAt(target, 'alice', 'bob');
    const chat = await newGroup(bob, [alice]);
    await say(bob, chat, 'one');
    const pings = Array.from({ length: 100 }, () => alice.frame('ping'));
    const replies = await alice.batch(pings);
    const refused = replies.filter((reply) => reply.t === 'err');
    expect(refused.length).toBeGreaterThanOrEqual(40);
    for (const reply of refused) expectError(reply, 'rate_limited');
    expect((await alice.cmd('read', { chat, seq: 1 })).t).toBe('ok');
    await bob.push('receipts', (push) =>
      push['marks']?.some((mark: Loose) => mark.user === alice.user && mark.read === 1),
    );
    await bob.ok('ping');
  });

  it('hold over HTTP: 429 as problem+json', async () => {
    const [alice] = await peopleAt(target, 'alice');
    const chat = await newGroup(alice, []);
    const http = await httpAs(alice.user, target);
    const sends = texts('m', QUICK_RATES.messageBurst + 5).map((text, i) =>
      http.post('message.send', { chat, kind: 'text', text }, { idempotencyKey: `k${i}` }),
    );
    const answers = await Promise.all(sends);
    const refused = answers.filter((answer) => answer.status !== 200);
    expect(refused.length).toBeGreaterThanOrEqual(1);
    for (const answer of refused) {
      expect(answer).toMatchObject({ status: httpStatusOf('rate_limited'), body: { name: 'rate_limited', code: 429 } });
    }
    expect((await newest(alice, chat)).length).toBe(answers.length - refused.length);
  });
});

describe('a connection far above its rate', () => {
  it('is closed with 4009; others do not notice', async () => {
    const [alice, bob] = await people('alice', 'bob');
    let id = 1_000;
    const closed = alice.closedWith(4009, 15_000);
    for (let i = 0; i < 40; i++) {
      alice.raw.sendText(JSON.stringify(Array.from({ length: 100 }, () => ({ t: 'ping', id: id++ }))));
    }
    await closed;
    await bob.ok('ping');
    const again = await openSocket(alice.user);
    expect((await again.cmd('hello', helloFields(await tokenFor(alice.user)))).t).toBe('ok');
  });
});

describe('a reader that does not read', () => {
  it('is closed with 4008, and resumes by its cursor without a hole', { timeout: 40_000 }, async () => {
    const [slow, fast] = await people('slow', 'fast');
    const users = userIds('sender', 6);
    const senders = await Promise.all(users.map((user) => httpAs(user)));
    const chat = await newGroup(fast, [slow], { members: [slow.user, ...users] });
    slow.raw.pause();
    const text = 'x'.repeat(16_000);
    const total = senders.length * 95;
    await Promise.all(
      senders.map(async (http, s) => {
        for (let i = 0; i < 95; i++)
          await http.ok('message.send', { chat, kind: 'text', text }, { idempotencyKey: `${s}-${i}` });
      }),
    );
    await fast.eventAt(chat, total + 1);
    slow.raw.resume();
    await slow.closedWith(4008, 10_000);
    const got = slow.events(chat);
    expect(got.map((event) => event['rev'])).toEqual(got.map((_, i) => i + 2));
    expect(got.length).toBeLessThan(total);
    const cursor = { chat, seq: got.length, rev: got.length + 1 };
    const back = await connect(slow.user, { open: [cursor] });
    const behind = await back.push('behind', (push) => push['chat'] === chat);
    expect(behind['head'].rev).toBe(total + 1);
  });
});
