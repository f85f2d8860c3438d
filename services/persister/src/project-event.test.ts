import type { EventBody, EventRecord } from '@garam/contracts/event-record';
import { expect, test } from 'vitest';
import { projectEvent } from './project-event.ts';
import { emptyViewRows, type ViewRows } from './view-rows.ts';

const settings = { join: 'invite', history: 'joined', send: 'all', invite: 'all' } as const;
const created: EventBody = {
  type: 'chat.created',
  kind: 'group',
  title: 'trip',
  settings,
  members: [
    { user: 'alice', role: 'owner' },
    { user: 'bob', role: 'member' },
  ],
};

function event(rev: number, seq: number, body: EventBody, by = 'alice'): EventRecord {
  return { chat: 'c1', rev, seq, clock: 1_700_000_000_000_500 + rev * 1_000, by, body };
}

function rowsOf(...events: EventRecord[]): ViewRows {
  const rows = emptyViewRows();
  for (const each of events) projectEvent(each, rows);
  return rows;
}

test('members of a new chat see everything from its first message and its creation on', () => {
  const { memberships } = rowsOf(event(1, 0, created));
  expect(
    memberships.map(({ user, role, visibleFrom, visibleFromRev }) => [user, role, visibleFrom, visibleFromRev]),
  ).toEqual([
    ['alice', 'owner', 1, 1],
    ['bob', 'member', 1, 1],
  ]);
  expect(memberships[0]!.joinedAt).toBe(1_700_000_000_001);
});

test('who is added sees what the event says, as a member', () => {
  const body: EventBody = { type: 'member.added', users: ['carol'], from: 8, viewRev: 12, memberCount: 3 };
  expect(rowsOf(event(12, 7, body)).memberships).toMatchObject([
    { user: 'carol', role: 'member', visibleFrom: 8, visibleFromRev: 12, rev: 12 },
  ]);
});

test('a removal keeps the row, without a role and with the head of that moment', () => {
  const [row] = rowsOf(event(13, 9, { type: 'member.removed', user: 'carol', memberCount: 2 })).memberships;
  expect(row).toMatchObject({ user: 'carol', role: null, leftAtSeq: 9, rev: 13 });
  expect(row).not.toHaveProperty('visibleFrom');
});

test('a change of role touches nothing else of the membership', () => {
  const [row] = rowsOf(event(4, 2, { type: 'member.role', user: 'bob', role: 'admin' })).memberships;
  expect(Object.keys(row!).toSorted()).toEqual(['chat', 'clock', 'rev', 'role', 'user']);
});

test('sending is reading: the marks of the author rise to the message', () => {
  const body: EventBody = { type: 'message.created', clientId: 'm1', kind: 'text', text: '안녕' };
  const rows = rowsOf(event(2, 1, body, 'bob'));
  expect(rows.messages).toEqual([
    {
      chat: 'c1',
      seq: 1,
      rev: 2,
      clock: event(2, 1, body).clock,
      by: 'bob',
      clientId: 'm1',
      kind: 'text',
      text: '안녕',
    },
  ]);
  expect(rows.marks).toEqual([{ chat: 'c1', user: 'bob', delivered: 1, read: 1 }]);
  expect(rows.changes).toEqual([]);
});

test('a service has no marks', () => {
  const body: EventBody = { type: 'message.created', clientId: 'm1', kind: 'system', text: 'booked' };
  expect(rowsOf(event(2, 1, body, 'service:booking')).marks).toEqual([]);
});

test('every event without a seq of its own is kept for sync; only those about the chat and its members are notices', () => {
  const bodies: EventBody[] = [
    created,
    { type: 'chat.updated', title: 'trip 2' },
    { type: 'member.added', users: ['carol'], from: 1, viewRev: 3, memberCount: 3 },
    { type: 'member.role', user: 'bob', role: 'admin' },
    { type: 'member.removed', user: 'carol', memberCount: 2 },
    { type: 'message.edited', seq: 1, text: 'x' },
    { type: 'message.deleted', seq: 1 },
    { type: 'reaction.set', seq: 1, emoji: '👍', on: true },
  ];
  const { changes } = rowsOf(...bodies.map((body, index) => event(index + 1, 0, body)));
  expect(changes.map(({ event: { body }, notice }) => [body.type, notice])).toEqual([
    ['chat.created', true],
    ['chat.updated', true],
    ['member.added', true],
    ['member.role', true],
    ['member.removed', true],
    ['message.edited', false],
    ['message.deleted', false],
    ['reaction.set', false],
  ]);
});

test('heads of a chat are one row that covers the whole batch', () => {
  const { heads } = rowsOf(
    event(1, 0, created),
    event(2, 1, { type: 'message.created', clientId: 'm1', kind: 'text', text: 'hi' }),
    event(3, 1, { type: 'chat.updated', title: 'trip 2' }),
  );
  expect([...heads.values()]).toEqual([
    {
      chat: 'c1',
      seq: 1,
      rev: 3,
      clock: event(3, 1, created).clock,
      at: 1_700_000_000_002,
      kind: 'group',
      title: 'trip 2',
      settings,
      memberCount: 2,
    },
  ]);
});

test('a repeated stretch of the log does not turn a head back', () => {
  const first = event(1, 0, created);
  const later = event(2, 0, { type: 'chat.updated', title: 'new' });
  expect(rowsOf(first, later, first).heads.get('c1')).toMatchObject({ rev: 2, title: 'new' });
});
