import { describe, expect, it } from 'vitest';
import { expectDense, newDirect, newest, newGroup, people, peopleAt, say, summaryOf, syncAll, texts } from './chats.ts';
import { newId, userId } from './names.ts';
import { BLOCKED_WORD } from './profiles.ts';
import { connect, type Fields } from './ws-client.ts';

const PHOTO = {
  id: 'att_photo1',
  name: '사진.jpg',
  type: 'image/jpeg',
  size: 123_456,
  width: 800,
  height: 600,
  thumb: 'att_thumb1',
};
const REPORT = { id: 'att_file1', name: 'report.pdf', type: 'application/pdf', size: 1 };

const KINDS: { name: string; fields: Fields }[] = [
  { name: 'text', fields: { kind: 'text', text: '안녕하세요 👋🏽' } },
  {
    name: 'text with data',
    fields: { kind: 'text', text: 'x', data: { order: 7, nested: { a: [1, 'b', null, true] } } },
  },
  { name: 'image', fields: { kind: 'image', attachments: [PHOTO] } },
  { name: 'image with a caption', fields: { kind: 'image', text: 'caption', attachments: [PHOTO] } },
  { name: 'file', fields: { kind: 'file', attachments: [REPORT] } },
  {
    name: 'ten files',
    fields: { kind: 'file', attachments: Array.from({ length: 10 }, (_, i) => ({ ...REPORT, id: `att_${i}` })) },
  },
  { name: 'custom', fields: { kind: 'custom', data: { type: 'bid', amount: 12_000 } } },
  {
    name: 'text with mentions',
    fields: {
      kind: 'text',
      text: '@bob @all',
      mentions: [
        { user: 'bob', from: 0, length: 4 },
        { user: '*', from: 5, length: 4 },
      ],
    },
  },
];

describe('message.send', () => {
  it('is answered with its place and reaches everybody, the sender included, as the same event', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const chat = await newGroup(alice, [bob]);
    const clientId = newId();
    const reply = await say(alice, chat, 'hello', { clientId });
    expect(reply).toMatchObject({ chat, clientId, seq: 1, rev: 2, at: expect.any(Number) });
    expect(reply['duplicate']).toBeUndefined();
    const event = await bob.eventAt(chat, 2);
    expect(event).toEqual({
      t: 'event',
      chat,
      rev: 2,
      at: reply['at'],
      by: alice.user,
      type: 'message.created',
      message: { seq: 1, clientId, kind: 'text', text: 'hello' },
    });
    expect(await alice.eventAt(chat, 2)).toEqual(event);
  });

  it('is answered not later than its event on the sending connection', async () => {
    const [alice] = await people('alice');
    const chat = await newGroup(alice, []);
    for (let i = 0; i < 10; i++) {
      const { rev, id } = await say(alice, chat, `message ${i}`);
      await alice.eventAt(chat, rev);
      const reply = alice.frames.findIndex((frame) => frame.t === 'ok' && frame['id'] === id);
      const event = alice.frames.findIndex((frame) => frame.t === 'event' && frame['rev'] === rev);
      expect(reply).toBeLessThan(event);
    }
  });

  for (const { name, fields } of KINDS) {
    it(`carries ${name} unchanged into events, history and sync`, async () => {
      const [alice, bob] = await people('alice', 'bob');
      const chat = await newDirect(alice, bob);
      const { rev } = await alice.ok('message.send', { chat, ...fields });
      expect((await bob.eventAt(chat, rev))['message']).toMatchObject(fields);
      expect(await newest(bob, chat)).toMatchObject([fields]);
      expect((await syncAll(bob, chat)).at(-1)).toMatchObject({ type: 'message.created', message: fields });
      expect((await bob.ok('messages.get', { chat, seqs: [1] }))['messages']).toMatchObject([fields]);
    });
  }

  it('replies to a message one can see, and to no other', async () => {
    const [alice] = await people('alice');
    const chat = await newGroup(alice, []);
    await say(alice, chat, 'question');
    await say(alice, chat, 'answer', { replyTo: 1 });
    expect((await newest(alice, chat))[1]).toMatchObject({ seq: 2, replyTo: 1 });
    const error = await alice.refused('invalid', 'message.send', { chat, kind: 'text', text: 'x', replyTo: 99 });
    expect(error.path).toBe('replyTo');
    expect((await summaryOf(alice, chat)).head.seq).toBe(2);
  });

  it('keeps text exactly: Korean, emoji, line breaks, markup, and 16 KiB of it', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const chat = await newDirect(alice, bob);
    const samples = [
      '가나다\n라마바\t끝',
      '👨‍👩‍👧‍👦🇰🇷',
      '<script>alert(1)</script>',
      '"\\\u2028\u2029',
      'e\u0301',
      '  spaces  ',
      '가'.repeat(5_461),
    ];
    for (const text of samples) await say(alice, chat, text);
    expect((await newest(bob, chat)).map((message) => message.text)).toEqual(samples);
    await alice.refused('too_large', 'message.send', { chat, kind: 'text', text: '가'.repeat(5_462) });
    await say(alice, chat, 'x'.repeat(16_384));
    await alice.refused('too_large', 'message.send', { chat, kind: 'text', text: 'x'.repeat(16_385) });
  });

  it('gives messages of one chat dense numbers whoever sends', async () => {
    const clients = await people('a', 'b', 'c', 'd', 'e');
    const chat = await newGroup(clients[0], clients.slice(1));
    const oks = await Promise.all(clients.flatMap((client) => texts('m', 10).map((text) => say(client, chat, text))));
    expect(oks.map((ok) => ok['seq']).toSorted((x, y) => x - y)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
    await Promise.all(clients.map((client) => client.eventAt(chat, 51)));
    const seen = clients.map((client) => client.events(chat).filter((event) => event['rev'] > 1));
    for (const events of seen) {
      expectDense(events, 2);
      expect(events).toEqual(seen[0]);
    }
  });

  it('keeps the order of one connection: 30 sends in flight, in frames or as a batch', async () => {
    const [alice] = await people('alice');
    const chat = await newGroup(alice, []);
    const single = await Promise.all(texts('single', 30).map((text) => say(alice, chat, text)));
    expect(single.map((ok) => ok['seq'])).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
    const batch = texts('batch', 30).map((text) => alice.frame('message.send', { chat, kind: 'text', text }));
    const replies = await alice.batch(batch);
    expect(replies.map((ok) => ok['seq'])).toEqual(Array.from({ length: 30 }, (_, i) => i + 31));
  });

  it('keeps chats apart: each has its own numbers', async () => {
    const [alice] = await people('alice');
    const one = await newGroup(alice, []);
    const two = await newGroup(alice, []);
    const seqs = await Promise.all([one, two, one, two].map(async (chat) => (await say(alice, chat, 'x'))['seq']));
    expect(seqs).toEqual([1, 1, 2, 2]);
  });

  it('refuses texts with a blocked word, and stores nothing', async () => {
    const [alice] = await peopleAt('strict', 'alice');
    const chat = await newGroup(alice, []);
    await alice.refused('forbidden', 'message.send', { chat, kind: 'text', text: `buy ${BLOCKED_WORD} now` });
    await say(alice, chat, 'fine');
    await alice.refused('forbidden', 'message.edit', { chat, seq: 1, text: BLOCKED_WORD });
    expect(await newest(alice, chat)).toMatchObject([{ seq: 1, text: 'fine' }]);
  });
});

describe('a send sent again', () => {
  it('with the same clientId is the same message, for every attempt', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const chat = await newGroup(alice, [bob]);
    const clientId = newId();
    const first = await say(alice, chat, 'once', { clientId });
    await say(alice, chat, 'another');
    for (const attempt of [1, 2, 3]) {
      const again = await say(alice, chat, 'once', { clientId, attempt });
      expect(again).toMatchObject({ duplicate: true, seq: first['seq'], rev: first['rev'], at: first['at'], clientId });
    }
    expect((await newest(bob, chat)).map((message) => message.text)).toEqual(['once', 'another']);
  });

  it('on another connection, before the first was answered, is the same message', async () => {
    const [alice] = await people('alice');
    const laptop = await connect(alice.user);
    const chat = await newGroup(alice, []);
    const fields = { clientId: newId() };
    const oks = await Promise.all([
      say(alice, chat, 'once', fields),
      say(laptop, chat, 'once', { ...fields, attempt: 2 }),
    ]);
    expect(oks.map((ok) => ok['seq'])).toEqual([1, 1]);
    expect(oks.filter((ok) => ok['duplicate'] === true)).toHaveLength(1);
    expect(await newest(alice, chat)).toHaveLength(1);
  });

  it('twice in one batch is one message', async () => {
    const [alice] = await people('alice');
    const chat = await newGroup(alice, []);
    const fields = { chat, kind: 'text', text: 'once', clientId: newId() };
    const replies = await alice.batch([alice.frame('message.send', fields), alice.frame('message.send', fields)]);
    expect(replies).toMatchObject([{ seq: 1 }, { seq: 1, duplicate: true }]);
    expect(await newest(alice, chat)).toHaveLength(1);
  });

  it('with other content is an id_conflict', async () => {
    const [alice] = await people('alice');
    const chat = await newGroup(alice, []);
    const clientId = newId();
    await say(alice, chat, 'this', { clientId });
    await alice.refused('id_conflict', 'message.send', { chat, kind: 'text', text: 'that', clientId });
    await alice.refused('id_conflict', 'message.send', { chat, kind: 'text', text: 'that', clientId, attempt: 2 });
    expect((await newest(alice, chat)).map((message) => message.text)).toEqual(['this']);
  });

  it('by somebody else, or in another chat, is another message', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const one = await newGroup(alice, [bob]);
    const two = await newGroup(alice, []);
    const clientId = newId();
    expect(await say(alice, one, 'x', { clientId })).toMatchObject({ seq: 1 });
    expect(await say(bob, one, 'y', { clientId })).toMatchObject({ seq: 2 });
    expect(await say(alice, two, 'z', { clientId })).toMatchObject({ seq: 1 });
  });

  it('that was refused is decided afresh with a higher attempt', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const chat = await newGroup(alice, []);
    const clientId = newId();
    const fields = { chat, kind: 'text', text: 'let me in', clientId };
    await bob.refused('not_found', 'message.send', fields);
    await alice.ok('member.add', { chat, users: [bob.user] });
    const sent = await bob.ok('message.send', { ...fields, attempt: 2 });
    expect(sent).toMatchObject({ seq: 1 });
    expect(sent['duplicate']).toBeUndefined();
  });

  it('works for every command with a clientId', async () => {
    const [alice] = await people('alice');
    const chat = await newGroup(alice, [], { settings: { join: 'open' } });
    const user = userId('new');
    await say(alice, chat, 'x');
    const commands: [string, Fields][] = [
      ['chat.update', { title: 'New' }],
      ['member.add', { users: [user] }],
      ['member.role', { user, role: 'admin' }],
      ['member.remove', { user }],
      ['message.edit', { seq: 1, text: 'y' }],
      ['reaction.set', { seq: 1, emoji: '👍', on: true }],
      ['message.delete', { seq: 1 }],
    ];
    for (const [t, fields] of commands) {
      const clientId = newId();
      const { rev } = await alice.ok(t, { chat, clientId, ...fields });
      expect(await alice.ok(t, { chat, clientId, attempt: 2, ...fields }), t).toMatchObject({ rev, duplicate: true });
    }
    expectDense(await syncAll(alice, chat), 1);
    expect((await summaryOf(alice, chat)).head.rev).toBe(2 + commands.length);
  });
});

describe('more than the connection may have in flight', () => {
  it('is rate_limited from one send on, and sent again in order it keeps its order', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const chat = await newGroup(alice, [bob]);
    const frames = texts('m', 60).map((text) => alice.frame('message.send', { chat, kind: 'text', text }));
    const replies = await alice.batch(frames);
    const refused = replies.filter((reply) => reply.t === 'err');
    const first = frames.length - refused.length;
    expect(first).toBeGreaterThanOrEqual(32);
    expect(replies.slice(first)).toEqual(refused);
    for (const reply of refused) expect(reply).toMatchObject({ error: { name: 'rate_limited', temporary: true } });
    for (let i = first; i < frames.length; i += 30) {
      const again = frames.slice(i, i + 30).map((frame) => alice.repeat(frame, 2));
      for (const reply of await alice.batch(again)) expect(reply).toMatchObject({ t: 'ok' });
    }
    const messages = await newest(bob, chat, { limit: 100 });
    expect(messages.map((message) => message.text)).toEqual(texts('m', 60));
  });
});
