import { beforeEach, describe, expect, it } from 'vitest';
import { storeChat, type StoredChat } from '@garam/views/stored-chat.test-support';
import type { ReplyRecord } from '@garam/contracts/reply-record';
import { directChatId, madeChatId } from './derive-chat-id.ts';
import { createIntakeWorld } from './intake-world.test-support.ts';

let world: ReturnType<typeof createIntakeWorld>;

beforeEach(() => {
  world = createIntakeWorld();
});

const error = (name: string) => [{ error: expect.objectContaining({ name }) as unknown }];
const cause = (command: number) => ({ origin: 'edge1', command });
const reply = (fields: Partial<ReplyRecord>) => ({
  reply: { chat: 'gchat', cause: cause(1), outcome: 'duplicate' as const, seq: 3, rev: 5, clock: 9_999_999, ...fields },
});
const text = { kind: 'text', text: 'hi' };

describe('answers', () => {
  it('an event settles its command once, with its numbers', async () => {
    const { outcomes, handedOver } = world.submit('message.send', text);
    expect(handedOver).toBeUndefined();
    const body = { type: 'message.created' as const, clientId: 'c1', kind: 'text' as const, text: 'hi' };
    const event = { chat: 'gchat', rev: 8, seq: 4, clock: 1_500, by: 'alice', cause: cause(1), body };
    world.intake.settle({ event: { ...event, cause: { origin: 'other', command: 1 } } });
    expect(outcomes).toEqual([]);
    world.intake.settle({ event });
    world.intake.settle({ event });
    expect(outcomes).toEqual([{ ok: { chat: 'gchat', clientId: 'c1', seq: 4, rev: 8, at: 1 } }]);
  });

  it('replies tell duplicates, no-ops and refusals apart', () => {
    const outcomes = ['duplicate', 'unchanged', 'refused'].map((outcome, index) => {
      const asked = world.submit('message.send', { ...text, clientId: `c${index}` });
      world.intake.settle(
        reply({ cause: cause(index + 1), outcome: outcome as ReplyRecord['outcome'], error: 'not_found' }),
      );
      return asked.outcomes[0];
    });
    expect(outcomes).toMatchObject([
      { ok: { seq: 3, rev: 5, at: 9_999, duplicate: true } },
      { ok: { unchanged: true } },
      { error: { name: 'not_found', code: 300 } },
    ]);
  });

  it('no answer in time is unknown_outcome, and a late one finds nobody', async () => {
    const { outcomes } = world.submit('message.send', text);
    await world.clock.advance(4_800);
    expect(outcomes).toEqual([]);
    await world.clock.advance(400);
    world.intake.settle(reply({}));
    expect(outcomes).toEqual(error('unknown_outcome'));
  });

  it('what is no longer wanted is not appended and is unavailable', async () => {
    const { outcomes } = world.submit('message.send', text, { stillWanted: () => false });
    await world.clock.settle();
    expect(outcomes).toEqual(error('unavailable'));
    expect(await world.commands()).toEqual([]);
  });

  it('too many waiting are refused at once, stopping ends all', () => {
    world = createIntakeWorld({ waitingMax: 1 });
    const first = world.submit('message.send', text);
    const second = world.submit('message.send', { ...text, clientId: 'c2' });
    expect(second.outcomes).toEqual([{ error: expect.objectContaining({ name: 'unavailable' }) as unknown }]);
    expect(second.outcomes[0]!.error!.retryAfterMs).toBeGreaterThan(0);
    world.intake.stop();
    expect(first.outcomes).toEqual(error('unknown_outcome'));
  });
});

describe('commands in the log', () => {
  it('sends of a chat keep their order, and equal content has an equal digest', async () => {
    world.submit('message.send', { ...text, data: { b: 1, a: [2] } });
    world.submit('message.send', { ...text, data: { a: [2], b: 1 } }, { attempt: 2 });
    world.submit('message.send', { ...text, clientId: 'c2' });
    await world.clock.settle();
    const [first, second, third] = await world.commands();
    expect([first, second, third].map((command) => command!.cause.command)).toEqual([1, 2, 3]);
    expect(first!.digest).toBe(second!.digest);
    expect(third!.digest).not.toBe(first!.digest);
    expect(first).toMatchObject({
      actor: 'alice',
      attempt: 1,
      sentAt: world.clock.now(),
      body: { data: '{"b":1,"a":[2]}' },
    });
  });

  it('a repeated create is the same chat, from either side of a direct one', async () => {
    const direct = { kind: 'direct', chat: undefined };
    world.submit('chat.create', { ...direct, members: ['bob'] });
    world.submit('chat.create', { ...direct, clientId: 'c9', members: ['alice'] }, { actor: 'bob' });
    world.submit('chat.create', { kind: 'group', members: ['bob', 'alice', 'bob'], title: 'T' });
    await world.clock.settle();
    const [one, other, group] = await world.commands();
    expect(one!.chat).toBe(other!.chat);
    expect(one!.chat).toBe(directChatId('bob', 'alice'));
    expect(group!.chat).toBe(madeChatId('alice', 'c1'));
    expect(group!.body).toMatchObject({ members: ['alice', 'bob'], title: 'T', settings: { join: 'invite' } });
  });

  it('what an edge refuses for good is appended marked from the second attempt on', async () => {
    world = createIntakeWorld({ blockedWords: ['Spam'] });
    expect(world.submit('message.send', { ...text, text: 'SPAM!' }).outcomes).toEqual(error('forbidden'));
    const again = world.submit('message.send', { ...text, text: 'SPAM!' }, { attempt: 2 });
    await world.clock.settle();
    expect(await world.commands()).toMatchObject([{ refuse: 'forbidden', attempt: 2 }]);
    world.intake.settle(reply({ outcome: 'refused', error: 'forbidden' }));
    expect(again.outcomes[0]!.error!.message).toContain('a word');
  });

  it('a service acts without membership; only it posts system messages', async () => {
    const system = { kind: 'system', text: 'booked' };
    expect(world.submit('message.send', system).outcomes).toEqual(error('forbidden'));
    world.submit('message.send', system, { actor: 'service:shop' });
    await world.clock.settle();
    expect(await world.commands()).toMatchObject([{ actor: 'service:shop', privileged: true }]);
  });
});

describe('facts', () => {
  let chat: StoredChat;
  beforeEach(async () => {
    chat = await storeChat(world.store.writes, { members: ['alice', 'bob'] });
    await chat.send('alice', { text: 'one' });
    await chat.send('bob', { text: 'two' });
  });

  const settled = async (asked: ReturnType<typeof world.submit>) => {
    await asked.handedOver;
    await world.clock.settle();
    return asked.outcomes;
  };

  it('one edits one’s own message; the author goes with the command', async () => {
    expect(await settled(world.submit('message.edit', { seq: 2, text: 'x' }))).toEqual(error('forbidden'));
    expect(await settled(world.submit('message.edit', { seq: 1, text: 'x' }))).toEqual([]);
    expect(await settled(world.submit('message.delete', { seq: 2, clientId: 'c2' }))).toEqual([]);
    expect(await world.commands()).toMatchObject([{ body: { author: 'alice' } }, { body: { author: 'bob' } }]);
  });

  it('a deleted message is gone, an unseen one not_found, a reply to it invalid', async () => {
    await chat.remove('alice', 1);
    await chat.join('carol');
    const carol = { actor: 'carol' };
    const reaction = { emoji: '👍', on: true };
    expect(await settled(world.submit('reaction.set', { seq: 1, ...reaction }))).toEqual(error('gone'));
    expect(await settled(world.submit('reaction.set', { seq: 2, ...reaction }, carol))).toEqual(error('not_found'));
    expect(await settled(world.submit('reaction.set', { seq: 77, ...reaction }))).toEqual(error('not_found'));
    const [outcome] = await settled(world.submit('message.send', { ...text, replyTo: 2 }, carol));
    expect(outcome!.error).toMatchObject({ name: 'invalid', path: 'replyTo' });
    expect(await settled(world.submit('message.send', { ...text, replyTo: 2 }))).toEqual([]);
  });

  it('a message the persister has not written yet is waited for; at last it is unavailable', async () => {
    await world.bus.recent.append({ ...chat.events.at(-1)!, rev: 4, seq: 3 });
    const late = world.submit('reaction.set', { seq: 3, emoji: '👍', on: true });
    await world.clock.advance(2_100);
    expect(await settled(late)).toEqual(error('unavailable'));
    const soon = world.submit('reaction.set', { seq: 3, emoji: '👍', on: true });
    await chat.send('bob', { text: 'three' });
    await world.clock.advance(60);
    expect(await settled(soon)).toEqual([]);
  });

  it('whom the other has blocked cannot write; once known, sends are handed over at once', async () => {
    const direct = directChatId('alice', 'bob');
    await storeChat(world.store.writes, { chat: direct, kind: 'direct', members: ['alice', 'bob'] });
    expect(await settled(world.submit('message.send', { ...text, chat: direct }))).toEqual([]);
    expect(world.submit('message.send', { ...text, chat: direct }).handedOver).toBeUndefined();
    world.intake.blockChanged('bob', 'alice', true);
    expect(world.submit('message.send', { ...text, chat: direct }).outcomes).toEqual(error('blocked'));
    expect(await settled(world.submit('message.send', { ...text, chat: direct }, { actor: 'bob' }))).toEqual([]);
  });

  it('a block made on another edge counts after seconds', async () => {
    const direct = directChatId('alice', 'bob');
    await storeChat(world.store.writes, { chat: direct, kind: 'direct', members: ['alice', 'bob'] });
    await settled(world.submit('message.send', { ...text, chat: direct }));
    const written = world.store.users.block('bob', 'alice', true, 1);
    await world.clock.advance(5_100);
    await written;
    await settled(world.submit('message.send', { ...text, chat: direct }));
    expect(world.submit('message.send', { ...text, chat: direct }).outcomes).toEqual(error('blocked'));
  });

  it('the silenced cannot send until then', async () => {
    const silencedUntil = world.clock.now() + 1_000;
    expect(world.submit('message.send', text, { silencedUntil }).outcomes).toEqual(error('silenced'));
    await world.clock.advance(1_001);
    expect(world.submit('message.send', text, { silencedUntil }).outcomes).toEqual([]);
  });

  it('the capacity follows the kind of the chat', async () => {
    await settled(world.submit('member.add', { users: ['x', 'x'] }));
    expect(await world.commands()).toMatchObject([{ body: { users: ['x'], capacity: 1_000 } }]);
  });
});
