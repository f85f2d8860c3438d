import { countUnread } from './state.js';

/**
 * Folds one durable event into a chat. The caller has checked that it is the next one (`rev` = cursor + 1). Unknown
 * types and events about messages that are not held show nothing, but the cursor moves.
 *
 * @typedef {import('./types.js').Chat} Chat
 * @typedef {import('./types.js').ChatEvent} ChatEvent
 * @typedef {import('./types.js').Message} Message
 */

/** @param {Chat} chat @param {ChatEvent} event @param {string} me Own user id. */
export function applyEvent(chat, event, me) {
  const { summary } = chat;
  summary.head.rev = event.rev;
  switch (event.type) {
    case 'message.created':
      return addMessage(chat, { ...event.message, rev: event.rev, at: event.at, by: event.by }, me);
    case 'message.edited':
      return changeMessage(chat, event.seq, (message) => {
        if (message.deleted) return;
        const { text, data, mentions } = event;
        Object.assign(message, { text, data, mentions, edited: event.at });
      });
    case 'message.deleted':
      return changeMessage(chat, event.seq, (message) => {
        for (const key of /** @type {const} */ (['text', 'data', 'mentions', 'attachments', 'reactions']))
          delete message[key];
        message.deleted = event.at;
      });
    case 'reaction.set':
      return changeMessage(chat, event.seq, (message) => react(message, event, me));
    case 'chat.updated':
      if (event.title !== undefined) summary.title = event.title;
      if (event.avatar !== undefined) summary.avatar = event.avatar;
      Object.assign(summary.settings, event.settings);
      break;
    case 'member.added':
      summary.memberCount += event.users.length;
      break;
    case 'member.removed':
      summary.memberCount -= 1;
      chat.marks?.delete(event.user);
      break;
    case 'member.role':
      if (event.user === me) summary.role = event.role;
      return;
    default:
  }
  if (chat.loaded && isNotice(event)) chat.notices.push(event);
}

/** Whether an event has a line of its own between the messages. @param {ChatEvent} event */
export function isNotice(event) {
  if (event.type === 'chat.updated') return event.title !== undefined;
  return ['chat.created', 'member.added', 'member.removed'].includes(event.type);
}

/** @param {Chat} chat @param {Message} message @param {string} me */
function addMessage(chat, message, me) {
  const { summary } = chat;
  summary.head = { rev: message.rev, seq: Math.max(summary.head.seq, message.seq), at: message.at };
  summary.last = message;
  summary.hidden = false;
  if (message.by === me) summary.read = Math.max(summary.read, message.seq);
  markRead(chat, message.by, message.seq);
  chat.typing = chat.typing.filter((user) => user !== message.by);
  countUnread(chat);
  if (chat.loaded && message.seq > (chat.messages.at(-1)?.seq ?? 0)) chat.messages.push(message);
}

/** @param {Chat} chat @param {number} seq @param {(message: Message) => void} change */
function changeMessage(chat, seq, change) {
  const held = chat.messages.find((message) => message.seq === seq);
  if (held) change(held);
  const { last } = chat.summary;
  if (last && last.seq === seq && last !== held) change(last);
}

/** @param {Message} message @param {Extract<ChatEvent, {type: 'reaction.set'}>} event @param {string} me */
function react(message, { emoji, by, on }, me) {
  if (message.deleted) return;
  const reactions = (message.reactions ??= {});
  const held = reactions[emoji] ?? { n: 0, me: false, users: [] };
  const users = held.users.filter((user) => user !== by);
  const was = users.length < held.users.length;
  if (on) users.push(by);
  // The list of users is complete up to 50; above that the count moves by one.
  const n = held.n <= 50 ? users.length : held.n + (on && !was ? 1 : 0) - (on ? 0 : 1);
  if (n <= 0) delete reactions[emoji];
  else reactions[emoji] = { n, users, me: by === me ? on : held.me };
}

/** Moves a member's read mark forward. @param {Chat} chat @param {string} user @param {number} seq */
export function markRead(chat, user, seq) {
  const mark = chat.marks?.get(user);
  if (!mark) return;
  mark.read = Math.max(mark.read, seq);
  mark.delivered = Math.max(mark.delivered, mark.read);
}
