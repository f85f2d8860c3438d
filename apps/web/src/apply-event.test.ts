import type { EventBody, Summary } from '@garam/protocol/entities';
import { expect, test } from 'vitest';
import { applyEvent } from '../public/js/apply-event.js';
import { newChat } from '../public/js/state.js';

const SETTINGS = { join: 'invite', history: 'joined', send: 'all', invite: 'all' } as const;
const SUMMARY: Summary = {
  chat: 'c',
  kind: 'group',
  title: 'Group',
  role: 'member',
  memberCount: 3,
  settings: SETTINGS,
  head: { seq: 0, rev: 1, at: 1 },
  visibleFrom: 1,
  read: 0,
  delivered: 0,
  unread: 0,
  muted: false,
  pinned: false,
  hidden: false,
};

function loadedChat() {
  const chat = newChat(structuredClone(SUMMARY));
  chat.loaded = true;
  chat.marks = new Map(['me', 'bob', 'eve'].map((user) => [user, { from: 1, read: 0, delivered: 0 }]));
  const apply = (by: string, body: EventBody) =>
    applyEvent(chat, { chat: 'c', rev: chat.summary.head.rev + 1, at: 10, by, ...body }, 'me');
  const say = (by: string, text: string) =>
    apply(by, {
      type: 'message.created',
      message: { seq: chat.summary.head.seq + 1, clientId: `${by}-${text}`, kind: 'text', text },
    });
  return { chat, apply, say };
}

test('messages of others are unread, an own message reads everything up to itself', () => {
  const { chat, say } = loadedChat();
  say('bob', 'one');
  say('eve', 'two');
  expect(chat.summary.unread).toBe(2);
  say('me', 'three');
  expect(chat.summary.unread).toBe(0);
  expect(chat.summary.head).toMatchObject({ seq: 3, rev: 4 });
  expect(chat.marks?.get('eve')?.read).toBe(2);
});

test('delete beats edit: a deleted message keeps no content and no later edit brings it back', () => {
  const { chat, apply, say } = loadedChat();
  say('bob', 'secret');
  apply('bob', { type: 'message.deleted', seq: 1 });
  apply('bob', { type: 'message.edited', seq: 1, text: 'secret again' });
  expect(chat.messages[0]).toMatchObject({ seq: 1, deleted: 10 });
  expect(JSON.stringify(chat)).not.toContain('secret again');
});

test('a reaction set twice counts once', () => {
  const { chat, apply, say } = loadedChat();
  say('bob', 'hi');
  for (const by of ['me', 'me', 'eve']) apply(by, { type: 'reaction.set', seq: 1, emoji: '👍', on: true });
  expect(chat.messages[0]?.reactions).toEqual({ '👍': { n: 2, me: true, users: ['me', 'eve'] } });
  for (const by of ['me', 'eve']) apply(by, { type: 'reaction.set', seq: 1, emoji: '👍', on: false });
  expect(chat.messages[0]?.reactions).toEqual({});
});

test('an unknown event and one about a message that is not held move the cursor only', () => {
  const { chat, apply } = loadedChat();
  apply('bob', { type: 'message.edited', seq: 7, text: 'x' });
  apply('bob', { type: 'chat.sparkled' } as unknown as EventBody);
  expect(chat.summary.head.rev).toBe(3);
  expect(chat.messages).toEqual([]);
  expect(chat.notices).toEqual([]);
});
