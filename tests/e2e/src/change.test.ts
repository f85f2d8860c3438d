import { describe, expect, it } from 'vitest';
import { newest, newGroup, people, say, syncAll } from './chats.ts';
import { newId } from './names.ts';

describe('message.edit', () => {
  it('replaces text, data and mentions; the message keeps its place and shows when it was edited', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const chat = await newGroup(alice, [bob]);
    const sent = await say(alice, chat, 'frist', {
      data: { v: 1 },
      mentions: [{ user: bob.user, from: 0, length: 1 }],
    });
    const change = { text: 'first', data: { v: 2 }, mentions: [{ user: '*', from: 0, length: 2 }] };
    const { rev } = await alice.ok('message.edit', { chat, seq: 1, ...change });
    expect(rev).toBe(sent['rev'] + 1);
    const event = await bob.eventAt(chat, rev);
    expect(event).toMatchObject({ type: 'message.edited', by: alice.user, seq: 1, ...change });
    const [message] = await newest(bob, chat);
    expect(message).toMatchObject({
      seq: 1,
      rev: sent['rev'],
      at: sent['at'],
      by: alice.user,
      ...change,
      edited: event['at'],
    });
  });

  it('of the text alone leaves data as it is', async () => {
    const [alice] = await people('alice');
    const chat = await newGroup(alice, []);
    await say(alice, chat, 'a', { data: { keep: true } });
    await alice.ok('message.edit', { chat, seq: 1, text: 'b' });
    expect(await newest(alice, chat)).toMatchObject([{ text: 'b', data: { keep: true } }]);
  });

  it('the last edit stands', async () => {
    const [alice] = await people('alice');
    const chat = await newGroup(alice, []);
    await say(alice, chat, 'v0');
    for (const text of ['v1', 'v2', 'v3']) await alice.ok('message.edit', { chat, seq: 1, text });
    expect(await newest(alice, chat)).toMatchObject([{ text: 'v3' }]);
  });

  it('of nothing, of a message that does not exist, or to a blank text is refused', async () => {
    const [alice] = await people('alice');
    const chat = await newGroup(alice, []);
    await say(alice, chat, 'x');
    await alice.refused('invalid', 'message.edit', { chat, seq: 1 });
    await alice.refused('not_found', 'message.edit', { chat, seq: 2, text: 'y' });
    expect((await alice.refused('invalid', 'message.edit', { chat, seq: 1, text: ' \n' })).path).toBe('text');
    expect((await alice.refused('invalid', 'message.edit', { chat, seq: 0, text: 'y' })).path).toBe('seq');
    await alice.refused('too_large', 'message.edit', { chat, seq: 1, text: 'x'.repeat(16_385) });
    expect(await newest(alice, chat)).toMatchObject([{ text: 'x' }]);
  });
});

describe('message.delete', () => {
  it('is final: the content is nowhere to be found any more, the place remains as a stub', async () => {
    const [alice, bob] = await people('alice', 'bob');
    const chat = await newGroup(alice, [bob]);
    const attachments = [{ id: 'att_secret', name: 'secret.pdf', type: 'application/pdf', size: 9 }];
    const mentions = [{ user: bob.user, from: 0, length: 3 }];
    const sent = await alice.ok('message.send', {
      chat,
      kind: 'file',
      text: 'secret',
      data: { secret: 1 },
      mentions,
      attachments,
    });
    await bob.ok('reaction.set', { chat, seq: 1, emoji: '👀', on: true });
    const { rev } = await alice.ok('message.delete', { chat, seq: 1 });
    const event = await bob.eventAt(chat, rev);
    expect(event).toMatchObject({ type: 'message.deleted', seq: 1, by: alice.user });
    const [stub] = await newest(bob, chat);
    expect(stub).toMatchObject({ seq: 1, rev: sent['rev'], by: alice.user, kind: 'file', deleted: event['at'] });
    for (const field of ['text', 'data', 'mentions', 'attachments', 'reactions'])
      expect(stub[field], field).toBeUndefined();
    const everything = JSON.stringify([
      await bob.ok('history', { chat }),
      await bob.ok('messages.get', { chat, seqs: [1] }),
      await syncAll(bob, chat),
      await bob.ok('chats.list'),
    ]);
    expect(everything).not.toContain('secret');
  });

  it('wins over edits before it, whoever asks', async () => {
    const [alice] = await people('alice');
    const chat = await newGroup(alice, []);
    await say(alice, chat, 'draft');
    await alice.ok('message.edit', { chat, seq: 1, text: 'hidden text' });
    await alice.ok('message.delete', { chat, seq: 1 });
    expect(JSON.stringify(await syncAll(alice, chat, { seq: 0, rev: 1 }))).not.toMatch(/draft|hidden text/);
  });

  it('leaves nothing to edit, to react to or to delete: gone', async () => {
    const [alice] = await people('alice');
    const chat = await newGroup(alice, []);
    await say(alice, chat, 'x');
    const clientId = newId();
    const { rev } = await alice.ok('message.delete', { chat, seq: 1, clientId });
    await alice.refused('gone', 'message.edit', { chat, seq: 1, text: 'y' });
    await alice.refused('gone', 'reaction.set', { chat, seq: 1, emoji: '👍', on: true });
    await alice.refused('gone', 'message.delete', { chat, seq: 1 });
    expect(await alice.ok('message.delete', { chat, seq: 1, clientId, attempt: 2 })).toMatchObject({
      rev,
      duplicate: true,
    });
    await alice.refused('not_found', 'message.delete', { chat, seq: 2 });
    expect((await alice.ok('history', { chat }))['head']).toMatchObject({ seq: 1, rev });
  });

  it('keeps history dense', async () => {
    const [alice] = await people('alice');
    const chat = await newGroup(alice, []);
    for (const text of ['a', 'b', 'c']) await say(alice, chat, text);
    await alice.ok('message.delete', { chat, seq: 2 });
    expect((await newest(alice, chat)).map((m) => [m.seq, m.text])).toEqual([
      [1, 'a'],
      [2, undefined],
      [3, 'c'],
    ]);
  });
});

describe('reaction.set', () => {
  it('adds up per emoji and person and is undone with on: false', async () => {
    const [alice, bob, carol] = await people('alice', 'bob', 'carol');
    const chat = await newGroup(alice, [bob, carol]);
    await say(alice, chat, 'good news');
    const { rev } = await bob.ok('reaction.set', { chat, seq: 1, emoji: '👍', on: true });
    expect(await alice.eventAt(chat, rev)).toMatchObject({
      type: 'reaction.set',
      by: bob.user,
      seq: 1,
      emoji: '👍',
      on: true,
    });
    await carol.ok('reaction.set', { chat, seq: 1, emoji: '👍', on: true });
    await carol.ok('reaction.set', { chat, seq: 1, emoji: '🎉', on: true });
    const [seen] = await newest(bob, chat);
    expect(seen.reactions['👍']).toMatchObject({ n: 2, me: true });
    expect(seen.reactions['👍'].users.toSorted()).toEqual([bob.user, carol.user].toSorted());
    expect(seen.reactions['🎉']).toEqual({ n: 1, me: false, users: [carol.user] });
    expect((await newest(alice, chat))[0].reactions['👍']).toMatchObject({ n: 2, me: false });
    await carol.ok('reaction.set', { chat, seq: 1, emoji: '🎉', on: false });
    await bob.ok('reaction.set', { chat, seq: 1, emoji: '👍', on: false });
    expect((await newest(bob, chat))[0].reactions).toEqual({ '👍': { n: 1, me: false, users: [carol.user] } });
  });

  it('set twice counts once', async () => {
    const [alice] = await people('alice');
    const chat = await newGroup(alice, []);
    await say(alice, chat, 'x');
    for (let i = 0; i < 2; i++) await alice.ok('reaction.set', { chat, seq: 1, emoji: '❤️', on: true });
    expect((await newest(alice, chat))[0].reactions['❤️']).toEqual({ n: 1, me: true, users: [alice.user] });
    await alice.ok('reaction.set', { chat, seq: 1, emoji: '❤️', on: false });
    expect((await newest(alice, chat))[0].reactions?.['❤️']).toBeUndefined();
  });

  it('takes emoji of 1 to 32 bytes on messages that exist', async () => {
    const [alice] = await people('alice');
    const chat = await newGroup(alice, []);
    await say(alice, chat, 'x');
    await alice.ok('reaction.set', { chat, seq: 1, emoji: '👨‍👩‍👧‍👦', on: true });
    await alice.refused('too_large', 'reaction.set', { chat, seq: 1, emoji: 'x'.repeat(33), on: true });
    expect((await alice.refused('invalid', 'reaction.set', { chat, seq: 1, emoji: '', on: true })).path).toBe('emoji');
    await alice.refused('not_found', 'reaction.set', { chat, seq: 9, emoji: '👍', on: true });
  });
});
