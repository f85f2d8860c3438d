/**
 * All that the page shows, in one place, and one way to hear that it changed. Changes made in one turn are announced
 * once.
 *
 * @typedef {import('./types.js').Chat} Chat
 * @typedef {ReturnType<typeof createState>} State
 */

/** @param {import('./identity.js').Identity} me */
export function createState(me) {
  /** @type {Set<() => void>} */
  const listeners = new Set();
  let announced = false;

  return {
    me,
    /** @type {Map<string, Chat>} */
    chats: new Map(),
    /** Names by user id. @type {Map<string, string>} */
    names: new Map([[me.id, me.name]]),
    /** @type {string | null} */
    openChat: null,
    /** The server log that everything held belongs to; null before the first hello. @type {string | null} */
    log: null,
    /** The chat list has been read completely at least once. */
    listed: false,
    /** @type {import('./types.js').ConnectionStatus} */
    status: { phase: 'connecting', retryAt: 0, reason: '' },
    /** @type {import('./types.js').Limits | null} */
    limits: null,

    /** @param {() => void} listener */
    subscribe(listener) {
      listeners.add(listener);
    },
    changed() {
      if (announced) return;
      announced = true;
      queueMicrotask(() => {
        announced = false;
        for (const listener of listeners) listener();
      });
    },
    /** @param {string} user */
    nameOf(user) {
      return this.names.get(user) ?? user;
    },
    /** A name that is only the id means that the server knows none: it replaces no better one. @param {readonly {id: string, name: string}[] | undefined} users */
    learn(users) {
      for (const { id, name } of users ?? []) if (name !== id || !this.names.has(id)) this.names.set(id, name);
    },
  };
}

/** @param {import('./types.js').Summary} summary @returns {Chat} */
export function newChat(summary) {
  return {
    summary,
    loaded: false,
    messages: [],
    notices: [],
    hasOlder: false,
    epoch: 0,
    loading: { newest: false, older: false, sync: false },
    marks: null,
    unreadBy: new Map(),
    typing: [],
    typingMore: 0,
    typingUntil: 0,
    openedAt: 0,
    dividerSeq: 0,
  };
}

/** Drops what is held of a chat's messages; its summary, outbox and draft stay. @param {Chat} chat */
export function unload(chat) {
  chat.loaded = false;
  chat.messages = [];
  chat.notices = [];
  chat.hasOlder = false;
  chat.epoch++;
  chat.loading = { newest: false, older: false, sync: false };
  chat.marks = null;
  chat.unreadBy.clear();
}

/** Recomputes the unread count as the protocol defines it. @param {Chat} chat */
export function countUnread({ summary }) {
  summary.unread = Math.max(0, summary.head.seq - Math.max(summary.read, summary.visibleFrom - 1));
}

/**
 * Chats as the list shows them: pinned first, then newest.
 *
 * @param {State} state
 */
export function sortedChats(state) {
  return [...state.chats.values()]
    .filter(({ summary }) => !summary.hidden)
    .sort((a, b) => Number(b.summary.pinned) - Number(a.summary.pinned) || b.summary.head.at - a.summary.head.at);
}
