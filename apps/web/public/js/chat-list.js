import { countUnread, newChat } from './state.js';

/**
 * Keeps the chat list equal to the server's: read page by page after every hello, then moved by pushes.
 *
 * @typedef {import('./types.js').Chat} Chat
 * @typedef {import('./types.js').Summary} Summary
 */
const PAGE = 100;
const PAGES_MAX = 10;

/**
 * @param {import('./state.js').State} state
 * @param {import('./connection.js').Connection} connection
 * @param {(chat: Chat) => void} onNew A chat has become known.
 */
export function createChatList(state, connection, onNew) {
  /** Chats heard of since the reading of the list began: they are not gone if no page names them. @type {Set<string>} */
  let heard = new Set();
  /** Unknown chats whose summary is on its way. @type {Set<string>} */
  const fetching = new Set();

  /** @param {Summary} summary */
  function put(summary) {
    heard.add(summary.chat);
    if (summary.peer) state.learn([summary.peer]);
    const chat = state.chats.get(summary.chat);
    if (!chat) add(newChat(summary));
    else if (chat.loaded) mergeLoaded(chat, summary);
    else if (summary.head.rev >= chat.summary.head.rev) keepRead(chat, summary);
    state.changed();
  }

  /** @param {Chat} chat */
  function add(chat) {
    state.chats.set(chat.summary.chat, chat);
    onNew(chat);
  }

  /** The events up to the summary's head are still to come: take only what is not moved by them. @param {Chat} chat @param {Summary} summary */
  function mergeLoaded(chat, summary) {
    if (summary.head.rev === chat.summary.head.rev) return keepRead(chat, summary);
    const { read, delivered, muted, pinned, hidden } = summary;
    keepRead(chat, { ...chat.summary, read, delivered, muted, pinned, hidden });
  }

  /** A `read` whose frame was lost with its connection is said again. @param {Chat} chat @param {Summary} summary */
  function keepRead(chat, summary) {
    const { read } = chat.summary;
    chat.summary = summary;
    if (read > summary.read) {
      summary.read = read;
      connection.send({ t: 'read', chat: summary.chat, seq: read });
    }
    countUnread(chat);
  }

  return {
    put,
    /** Notes that a chat is alive although no page may name it. @param {string} chat */
    hear: (chat) => void heard.add(chat),

    /** Reads the whole list; chats that are on no page are gone. Rejects when the connection closes. */
    async read() {
      heard = new Set();
      const mine = heard;
      /** @type {string | undefined} */
      let cursor;
      for (let pages = 0; pages < PAGES_MAX; pages++) {
        cursor = await connection.request('chats.list', { limit: PAGE, ...(cursor ? { cursor } : {}) }, (page) => {
          state.learn(page.users);
          for (const summary of page.chats) put(summary);
          return page.next;
        });
        if (!cursor) break;
      }
      if (heard !== mine) return;
      for (const id of state.chats.keys()) if (!cursor && !mine.has(id)) state.chats.delete(id);
      state.listed = true;
      state.changed();
    },

    /** Reads one chat's summary again. @param {string} id */
    refresh(id) {
      if (fetching.has(id)) return;
      fetching.add(id);
      connection
        .request('chat.get', { chat: id }, (ok) => put(ok.chat))
        .catch((error) => {
          if (error.name === 'not_found') this.remove(id);
        })
        .finally(() => fetching.delete(id));
    },

    /** @param {string} id */
    remove(id) {
      heard.delete(id);
      state.chats.delete(id);
      if (state.openChat === id) state.openChat = null;
      state.changed();
    },
  };
}
