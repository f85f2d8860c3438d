import type { EventBody, EventRecord, EventType } from '@garam/contracts/event-record';
import type { HeadRow } from '@garam/store/view-writes';
import { mergeHead } from './merge-head.ts';
import type { ViewRows } from './view-rows.ts';

type BodyOf<Type extends EventType> = Extract<EventBody, { type: Type }>;

/** Changes that history pages show as lines between messages. */
const NOTICES: ReadonlySet<EventType> = new Set<EventType>([
  'chat.created',
  'chat.updated',
  'member.added',
  'member.removed',
  'member.role',
]);

/**
 * Adds the rows of one event. A function of the event alone, so that writing it again changes nothing; what was
 * stored before is never read.
 */
export function projectEvent(event: EventRecord, rows: ViewRows): void {
  const { body } = event;
  if (body.type !== 'message.created') rows.changes.push({ event, notice: NOTICES.has(body.type) });
  mergeHead(rows.heads, headOf(event));
  switch (body.type) {
    case 'message.created':
      return projectMessage(event, body, rows);
    case 'message.edited':
      return projectEdit(event, body, rows);
    case 'message.deleted':
      return void rows.deletions.push({ chat: event.chat, seq: body.seq, clock: event.clock });
    case 'reaction.set':
      return projectReaction(event, body, rows);
    case 'chat.created':
      return projectCreation(event, body, rows);
    case 'member.added':
      return projectAddition(event, body, rows);
    case 'member.removed':
      return projectRemoval(event, body, rows);
    case 'member.role': {
      const { chat, rev, clock } = event;
      return void rows.memberships.push({ chat, user: body.user, role: body.role, rev, clock });
    }
    case 'chat.updated':
      return;
  }
}

function projectMessage(event: EventRecord, body: BodyOf<'message.created'>, rows: ViewRows): void {
  const { chat, seq, rev, clock, by } = event;
  const { type: _type, ...content } = body;
  rows.messages.push({ chat, seq, rev, clock, by, ...content });
  // Sending is reading: the author's marks never stand below what they wrote. A service has no marks.
  if (!by.startsWith('service:')) rows.marks.push({ chat, user: by, delivered: seq, read: seq });
}

function projectEdit(event: EventRecord, body: BodyOf<'message.edited'>, rows: ViewRows): void {
  const { type: _type, ...edit } = body;
  rows.edits.push({ chat: event.chat, clock: event.clock, ...edit });
}

function projectReaction(event: EventRecord, body: BodyOf<'reaction.set'>, rows: ViewRows): void {
  const { seq, emoji, on } = body;
  rows.reactions.push({ chat: event.chat, seq, emoji, on, user: event.by, clock: event.clock });
}

function projectCreation(event: EventRecord, body: BodyOf<'chat.created'>, rows: ViewRows): void {
  const { chat, rev, clock } = event;
  const visible = { visibleFrom: event.seq + 1, visibleFromRev: rev, joinedAt: atOf(event) };
  for (const { user, role } of body.members) rows.memberships.push({ chat, user, role, ...visible, rev, clock });
}

function projectAddition(event: EventRecord, body: BodyOf<'member.added'>, rows: ViewRows): void {
  const { chat, rev, clock } = event;
  const visible = { visibleFrom: body.from, visibleFromRev: body.viewRev, joinedAt: atOf(event) };
  for (const user of body.users) rows.memberships.push({ chat, user, role: 'member', ...visible, rev, clock });
}

function projectRemoval(event: EventRecord, body: BodyOf<'member.removed'>, rows: ViewRows): void {
  const { chat, rev, clock, seq } = event;
  rows.memberships.push({ chat, user: body.user, role: null, leftAtSeq: seq, rev, clock });
}

function headOf(event: EventRecord): HeadRow {
  const { chat, seq, rev, clock, body } = event;
  const head: HeadRow = { chat, seq, rev, clock };
  switch (body.type) {
    case 'message.created':
      head.at = atOf(event);
      return head;
    case 'chat.created':
      head.at = atOf(event);
      head.kind = body.kind;
      head.settings = body.settings;
      head.memberCount = body.members.length;
      if (body.title !== undefined) head.title = body.title;
      if (body.avatar !== undefined) head.avatar = body.avatar;
      return head;
    case 'chat.updated':
      if (body.title !== undefined) head.title = body.title;
      if (body.avatar !== undefined) head.avatar = body.avatar;
      if (body.settings !== undefined) head.settings = body.settings;
      return head;
    case 'member.added':
    case 'member.removed':
      head.memberCount = body.memberCount;
      return head;
    default:
      return head;
  }
}

/** The chat's time as shown to people, ms. */
function atOf(event: EventRecord): number {
  return Math.floor(event.clock / 1000);
}
