import { countUnread } from './state.js';
import { markRead } from './apply-event.js';

/**
 * Who has read what. Small chats hold every member's marks; in big chats the server counts for the messages on screen.
 *
 * @typedef {import('./types.js').Chat} Chat
 * @typedef {import('./state.js').State} State
 * @typedef {import('./connection.js').Connection['request']} Request
 */
const PAGE = 100;

/** @param {State} state @param {Chat} chat */
export function isBig(state, chat) {
  return chat.summary.memberCount > (state.limits?.bigChat ?? 100);
}

/** Reads all members' marks of a small chat. @param {State} state @param {Request} request @param {Chat} chat */
export async function loadMarks(state, request, chat) {
  const { epoch } = chat;
  /** @type {Map<string, import('./types.js').MemberMark>} */
  const marks = new Map();
  /** @type {string | undefined} */
  let cursor;
  do {
    const fields = { chat: chat.summary.chat, limit: PAGE, ...(cursor ? { cursor } : {}) };
    cursor = await request('members.list', fields, (page) => {
      state.learn(page.users);
      for (const { user, from, read, delivered } of page.members) marks.set(user, { from, read, delivered });
      if (!page.next && chat.epoch === epoch) adopt(chat, marks);
      return page.next;
    });
  } while (cursor && marks.size <= (state.limits?.bigChat ?? 100));
  state.changed();
}

/** Marks are maxima: receipts that arrived meanwhile are not undone. @param {Chat} chat @param {Map<string, import('./types.js').MemberMark>} marks */
function adopt(chat, marks) {
  const before = chat.marks;
  chat.marks = marks;
  for (const [user, mark] of before ?? []) markRead(chat, user, mark.read);
}

/**
 * Tells the server what is on screen, which opens the live receipts of big chats, and takes its counts.
 *
 * @param {State} state
 * @param {Request} request
 * @param {Chat} chat
 * @param {{from: number, to: number}} [range] Seqs on screen.
 */
export function view(state, request, chat, range) {
  return request('chat.view', { chat: chat.summary.chat, ...range }, (ok) => {
    applyReceipts(state, { chat: chat.summary.chat, marks: ok.marks, unreadBy: ok.unreadBy });
  });
}

/**
 * @param {State} state
 * @param {{chat: string, marks?: import('./types.js').Mark[], unreadBy?: [number, number][]}} receipts
 */
export function applyReceipts(state, receipts) {
  const chat = state.chats.get(receipts.chat);
  if (!chat) return;
  for (const [seq, count] of receipts.unreadBy ?? []) chat.unreadBy.set(seq, count);
  for (const { user, read, delivered } of receipts.marks ?? []) {
    markRead(chat, user, read);
    const mark = chat.marks?.get(user);
    if (mark) mark.delivered = Math.max(mark.delivered, delivered);
    if (user === state.me.id && read > chat.summary.read) {
      chat.summary.read = read;
      countUnread(chat);
    }
  }
  state.changed();
}

/** How many members have not read a message yet. @param {State} state @param {Chat} chat @param {import('./types.js').Message} message */
export function unreadOf(state, chat, message) {
  if (isBig(state, chat)) return chat.unreadBy.get(message.seq) ?? 0;
  let count = 0;
  for (const [user, mark] of chat.marks ?? []) {
    if (user !== message.by && mark.from <= message.seq && mark.read < message.seq) count++;
  }
  return count;
}

/**
 * Marks a chat read up to its head, here and on the server.
 *
 * @param {State} state
 * @param {(frame: Record<string, unknown>) => void} send
 * @param {Chat} chat
 */
export function readToHead(state, send, chat) {
  const { summary } = chat;
  if (summary.read >= summary.head.seq) return;
  summary.read = summary.head.seq;
  countUnread(chat);
  markRead(chat, state.me.id, summary.read);
  send({ t: 'read', chat: summary.chat, seq: summary.read });
  state.changed();
}
