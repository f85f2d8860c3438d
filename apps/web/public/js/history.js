import { applyEvent, isNotice } from './apply-event.js';
import { countUnread, unload } from './state.js';

/**
 * Reading a chat's messages: the newest page, older pages, and the events missed since the cursor.
 *
 * A reply's head covers every event pushed before it on the connection, so events that arrive while the newest page
 * or a sync is on its way may be dropped: the last page brings them.
 *
 * @typedef {import('./types.js').Chat} Chat
 * @typedef {{state: import('./state.js').State, request: import('./connection.js').Connection['request'],
 *   settle(clientId: string): void, refresh(chat: string): void, reload(chat: Chat): void}} Context
 * `refresh` reads a chat's summary again, `reload` everything that is shown of it.
 */
const PAGE = 50;
const SYNC_PAGE = 500;
/** Further behind than this, the newest page is shown instead of every event in between. */
const SYNC_REVS_MAX = 2_000;
const MESSAGES_KEPT = 100;

/** @param {Context} context @param {Chat} chat */
export async function loadNewest({ state, request, settle, refresh }, chat) {
  if (chat.loading.newest) return;
  chat.loading.newest = true;
  const { epoch } = chat;
  await request('history', { chat: chat.summary.chat, limit: PAGE }, (page) => {
    if (chat.epoch !== epoch) return;
    state.learn(page.users);
    chat.messages = page.messages;
    chat.notices = (page.notices ?? []).filter(isNotice);
    chat.hasOlder = page.hasOlder;
    chat.loaded = true;
    const { summary } = chat;
    if (page.head.rev > summary.head.rev) refresh(summary.chat);
    summary.head = { at: summary.head.at, ...page.head };
    summary.last = chat.messages.at(-1) ?? summary.last;
    countUnread(chat);
    for (const message of chat.messages) if (message.by === state.me.id) settle(message.clientId);
  }).finally(() => {
    if (chat.epoch === epoch) chat.loading.newest = false;
    state.changed();
  });
}

/** @param {Context} context @param {Chat} chat */
export async function loadOlder({ state, request }, chat) {
  const first = chat.messages[0];
  if (!first || !chat.hasOlder || chat.loading.older) return;
  chat.loading.older = true;
  const { epoch } = chat;
  await request('history', { chat: chat.summary.chat, before: first.seq, limit: PAGE }, (page) => {
    if (chat.epoch !== epoch || chat.messages[0] !== first) return;
    state.learn(page.users);
    chat.messages = [...page.messages, ...chat.messages];
    const known = new Set(chat.notices.map((notice) => notice.rev));
    /** @type {import('./types.js').ChatEvent[]} */
    const notices = page.notices ?? [];
    chat.notices = [...notices.filter((notice) => isNotice(notice) && !known.has(notice.rev)), ...chat.notices];
    chat.notices.sort((a, b) => a.rev - b.rev);
    chat.hasOlder = page.hasOlder;
  }).finally(() => {
    if (chat.epoch === epoch) chat.loading.older = false;
    state.changed();
  });
}

/**
 * Fills the hole between the cursor and the head.
 *
 * @param {Context} context
 * @param {Chat} chat
 * @param {number} [knownRev] How far the head is known to be.
 */
export async function catchUp(context, chat, knownRev = 0) {
  const { state, request } = context;
  if (chat.loading.sync || !chat.loaded) return;
  if (knownRev - chat.summary.head.rev > SYNC_REVS_MAX) return restart(context, chat);
  chat.loading.sync = true;
  const { epoch } = chat;
  const { seq, rev } = chat.summary.head;
  const outcome = await request('sync', { chat: chat.summary.chat, seq, rev, limit: SYNC_PAGE }, (page) => {
    if (chat.epoch !== epoch) return 'done';
    state.learn(page.users);
    if (page.reset) return 'reset';
    for (const event of page.events) take(context, chat, event);
    // More to come: stay in `sync`, so that live events in between are left to the next page.
    if (page.more && chat.summary.head.rev > rev) return 'more';
    chat.loading.sync = false;
    return chat.summary.head.rev >= page.head.rev ? 'done' : 'reset';
  }).finally(() => {
    if (chat.epoch === epoch) chat.loading.sync = false;
    state.changed();
  });
  if (outcome === 'more') return catchUp(context, chat);
  if (outcome === 'reset') return restart(context, chat);
}

/**
 * Applies an event if it is the next one. Returns false on a hole.
 *
 * @param {Context} context
 * @param {Chat} chat
 * @param {import('./types.js').ChatEvent} event
 */
export function take({ state, settle }, chat, event) {
  if (event.rev <= chat.summary.head.rev) return true;
  if (event.rev > chat.summary.head.rev + 1) return false;
  applyEvent(chat, event, state.me.id);
  if (event.type === 'message.created' && event.by === state.me.id) settle(event.message.clientId);
  return true;
}

/**
 * The cursor cannot be continued: drop the messages and read again what is shown.
 *
 * @param {Context} context
 * @param {Chat} chat
 * @param {import('./types.js').Head} [head] Where the server says the chat stands.
 */
export function restart(context, chat, head) {
  unload(chat);
  if (head) chat.summary.head = { ...chat.summary.head, ...head };
  context.reload(chat);
}

/** Keeps memory bounded: only the newest messages of a chat that shows its end. @param {Chat} chat */
export function trim(chat) {
  if (chat.messages.length <= 2 * MESSAGES_KEPT || chat.loading.older) return;
  chat.messages = chat.messages.slice(-MESSAGES_KEPT);
  chat.hasOlder = true;
  const firstRev = chat.messages[0]?.rev ?? 0;
  chat.notices = chat.notices.filter((notice) => notice.rev > firstRev);
}
