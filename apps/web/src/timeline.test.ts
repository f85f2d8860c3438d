import type { Message } from '@garam/protocol/entities';
import { beforeAll, expect, test } from 'vitest';
import { timeline } from '../public/js/view/timeline.js';
import type { Chat, OutboxEntry } from '../public/js/types.js';

const NOON = Date.UTC(2026, 0, 5, 12);
const MINUTE = 60_000;

// The module asks the page for its language; Node has no page.
beforeAll(() => Object.assign(globalThis, { localStorage: { getItem: () => 'en' } }));

function message(seq: number, by: string, at: number): Message {
  return { seq, rev: seq, at, by, clientId: `id-${seq}`, kind: 'text', text: `text ${seq}` };
}

function rowsOf(messages: Message[], pending: Partial<OutboxEntry>[] = [], dividerSeq = 0) {
  const chat = { messages, notices: [], dividerSeq } as unknown as Chat;
  const rows = timeline({
    chat,
    pending: pending as OutboxEntry[],
    me: 'me',
    nameOf: (user) => user,
    unreadOf: () => 1,
  });
  return rows.map((row) =>
    row.type === 'message'
      ? `${row.first ? '+' : ' '}${row.timed ? 't' : ' '}${row.message.seq}`
      : row.key.replace(/-.*/u, ''),
  );
}

test('messages of one sender within a minute are one group with one time', () => {
  const rows = rowsOf([
    message(1, 'bob', NOON),
    message(2, 'bob', NOON + 1),
    message(3, 'bob', NOON + MINUTE),
    message(4, 'me', NOON + MINUTE),
  ]);
  expect(rows).toEqual(['day', '+ 1', ' t2', '+t3', '+t4']);
});

test('every calendar day begins with a separator', () => {
  expect(rowsOf([message(1, 'bob', NOON), message(2, 'bob', NOON + 24 * 60 * MINUTE)])).toEqual([
    'day',
    '+t1',
    'day',
    '+t2',
  ]);
});

test('the first unread message has a divider above it', () => {
  expect(rowsOf([message(1, 'bob', NOON), message(2, 'bob', NOON)], [], 1)).toEqual(['day', '+t1', 'divider', '+t2']);
});

test('unsent messages stand at the end and never beside their own confirmed copy', () => {
  const rows = rowsOf(
    [message(1, 'me', NOON)],
    [
      { clientId: 'id-1', text: 'text 1' },
      { clientId: 'other', text: 'later' },
    ],
  );
  expect(rows).toEqual(['day', '+t1', 'pending']);
});
