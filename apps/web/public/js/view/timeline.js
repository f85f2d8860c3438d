import { dayKey } from './format.js';

/**
 * Turns a chat into the rows of its message list: date separators, notices, messages grouped by sender and minute,
 * then what is still in the outbox.
 *
 * @typedef {import('../types.js').Message} Message
 * @typedef {{key: string, type: 'date', at: number}} DateRow
 * @typedef {{key: string, type: 'divider'}} DividerRow
 * @typedef {{key: string, type: 'notice', event: import('../types.js').ChatEvent, names: Record<string, string>}} NoticeRow
 * @typedef {{key: string, type: 'message', message: Message, author: string, mine: boolean, first: boolean, timed: boolean, unread: number}} MessageRow
 * @typedef {{key: string, type: 'pending', entry: import('../types.js').OutboxEntry, first: boolean}} PendingRow
 * @typedef {DateRow | DividerRow | NoticeRow | MessageRow | PendingRow} Row
 */
const MINUTE_MS = 60_000;

/**
 * @param {object} source
 * @param {import('../types.js').Chat} source.chat
 * @param {readonly import('../types.js').OutboxEntry[]} source.pending
 * @param {string} source.me
 * @param {(user: string) => string} source.nameOf
 * @param {(message: Message) => number} source.unreadOf
 * @returns {Row[]}
 */
export function timeline({ chat, pending, me, nameOf, unreadOf }) {
  /** @type {Row[]} */
  const rows = [];
  const { messages } = chat;
  let day = '';
  let nextNotice = 0;
  /** @param {number} at */
  const dated = (at) => {
    if (dayKey(at) === day) return;
    day = dayKey(at);
    rows.push({ key: `day-${day}`, type: 'date', at });
  };
  /** @param {number} rev */
  const noticesBefore = (rev) => {
    for (; nextNotice < chat.notices.length; nextNotice++) {
      const event = chat.notices[nextNotice];
      if (!event || event.rev >= rev) return;
      if (event.type === 'chat.created' && event.kind === 'direct') continue;
      dated(event.at);
      rows.push({ key: `notice-${event.rev}`, type: 'notice', event, names: namesIn(event, nameOf) });
    }
  };
  for (const message of messages) {
    noticesBefore(message.rev);
    dated(message.at);
    if (chat.dividerSeq > 0 && message.seq === chat.dividerSeq + 1) rows.push({ key: 'divider', type: 'divider' });
    const before = rows.at(-1);
    const follows = before?.type === 'message' && sameMinute(before.message, message);
    if (follows) before.timed = false;
    rows.push({
      key: `message-${message.seq}`,
      type: 'message',
      message,
      author: nameOf(message.by),
      mine: message.by === me,
      first: !follows,
      timed: true,
      unread: message.kind === 'system' ? 0 : unreadOf(message),
    });
  }
  noticesBefore(Infinity);
  const settled = new Set(messages.filter((message) => message.by === me).map((message) => message.clientId));
  const open = pending.filter((entry) => !settled.has(entry.clientId));
  open.forEach((entry, i) => rows.push({ key: `pending-${entry.clientId}`, type: 'pending', entry, first: i === 0 }));
  return rows;
}

/** @param {Message} a @param {Message} b */
function sameMinute(a, b) {
  return a.by === b.by && a.kind !== 'system' && Math.floor(a.at / MINUTE_MS) === Math.floor(b.at / MINUTE_MS);
}

/** @param {import('../types.js').ChatEvent} event @param {(user: string) => string} nameOf */
function namesIn(event, nameOf) {
  const users = [event.by];
  if (event.type === 'member.added') users.push(...event.users);
  if (event.type === 'member.removed') users.push(event.user);
  return Object.fromEntries(users.map((user) => [user, nameOf(user)]));
}
