import { createChatList } from './chat-list.js';
import { Connection } from './connection.js';
import { createDeliveryNotice } from './delivery-notice.js';
import { createDevToken } from './identity.js';
import { loadNewest, loadOlder, trim } from './history.js';
import { createNameLookup } from './name-lookup.js';
import { createOutbox } from './outbox.js';
import { createReceiver } from './receive.js';
import { createOutboxSender } from './send-outbox.js';
import { createState, unload } from './state.js';
import { createTypingNotice } from './typing.js';
import { isBig, loadMarks, readToHead, view } from './receipts.js';

/** @typedef {import('./types.js').Chat} Chat */

/** How many chats keep their messages in memory. */
const LOADED_MAX = 20;

/** The client behind the page: what arrives on the connection becomes state, what the views ask becomes commands. */
export class Client {
  #connection;
  #context;
  #list;
  #sender;

  /** @param {import('./identity.js').Identity} me @param {{device: string, abandoned: string[]}} slots */
  constructor(me, { device, abandoned }) {
    const state = createState(me);
    const key = (/** @type {string} */ slot) => `garam.outbox.${me.id}.${slot}`;
    this.state = state;
    this.outbox = createOutbox({ key: key(device), adopt: abandoned.map(key), onChange: () => state.changed() });
    this.#connection = new Connection({
      url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/v1/connect`,
      token: createDevToken(me),
      helloFields: () => ({ device: { id: device, platform: 'web' }, open: this.#cursors() }),
      onOnline: (ok) => this.#online(ok),
      onPush: (frame) => receive(frame),
      onStatus: (status) => {
        state.status = status;
        state.changed();
      },
    });
    const { request, send } = this.#connection;
    const limits = () => (state.status.phase === 'online' ? state.limits : null);
    this.request = request;
    this.typing = createTypingNotice(send);
    this.names = createNameLookup(state, request);
    this.#sender = createOutboxSender({ outbox: this.outbox, request, limits });
    this.#list = createChatList(
      state,
      this.#connection,
      (chat) => chat.summary.chat === state.openChat && this.#enter(chat),
    );
    this.#context = {
      state,
      request,
      settle: this.outbox.settle,
      refresh: (/** @type {string} */ id) => this.#list.refresh(id),
      reload: (/** @type {Chat} */ chat) => this.#reload(chat),
    };
    const receive = createReceiver({
      context: this.#context,
      list: this.#list,
      outbox: this.outbox,
      delivery: createDeliveryNotice(send),
    });
  }

  start() {
    this.#connection.start();
  }

  stop() {
    this.#connection.stop();
  }

  wake() {
    this.#connection.wake();
  }

  /** Shows a chat, or none. @param {string | null} id */
  open(id) {
    const { state } = this;
    if (state.openChat === id) return;
    const left = state.openChat && state.chats.get(state.openChat);
    if (left) trim(left);
    state.openChat = id;
    const chat = id ? state.chats.get(id) : undefined;
    if (chat) this.#enter(chat);
    else if (id) this.#list.refresh(id);
    else this.request('chat.view', { chat: null }, () => undefined).catch(() => undefined);
    state.changed();
  }

  /** Reads an older page. @param {Chat} chat */
  older(chat) {
    loadOlder(this.#context, chat).catch(() => undefined);
  }

  /** Marks a chat read up to its head. @param {Chat} chat */
  read(chat) {
    if (this.state.status.phase === 'online') readToHead(this.state, this.#connection.send, chat);
  }

  /** Asks for the read counts of the messages on screen; only big chats need it. @param {Chat} chat @param {{from: number, to: number}} range */
  seen(chat, range) {
    if (isBig(this.state, chat)) view(this.state, this.request, chat, range).catch(() => undefined);
  }

  /** @param {string} chat @param {string} text */
  send(chat, text) {
    this.outbox.add(chat, text);
    this.#sender.flush();
  }

  /** @param {string} clientId */
  retry(clientId) {
    this.outbox.retry(clientId);
    this.#sender.flush();
  }

  /** Takes a chat just created. @param {import('./types.js').Summary} summary */
  adopt(summary) {
    this.#list.put(summary);
  }

  #cursors() {
    const loaded = [...this.state.chats.values()].filter((chat) => chat.loaded);
    return loaded.map(({ summary: { chat, head } }) => ({ chat, seq: head.seq, rev: head.rev }));
  }

  /** @param {import('./types.js').HelloOk} ok */
  #online(ok) {
    const { state } = this;
    const otherLog = state.log !== null && state.log !== ok.log;
    state.limits = ok.limits;
    state.learn([ok.user]);
    state.log = ok.log;
    for (const chat of state.chats.values()) {
      if (otherLog) makeVoid(chat);
      // What was on its way on the old connection will not come.
      chat.loading = { newest: false, older: false, sync: false };
    }
    this.names.forget();
    this.#sender.flush();
    this.#list.read().catch(() => undefined);
    const open = state.openChat ? state.chats.get(state.openChat) : undefined;
    if (open) this.#reload(open);
    state.changed();
  }

  /** The chat to be shown is known. @param {Chat} chat */
  #enter(chat) {
    const { unread, read, visibleFrom } = chat.summary;
    chat.openedAt = Date.now();
    chat.dividerSeq = unread > 0 ? Math.max(read, visibleFrom - 1) : 0;
    const held = [...this.state.chats.values()].filter((other) => other.loaded && other !== chat);
    held.sort((a, b) => b.openedAt - a.openedAt);
    for (const oldest of held.slice(LOADED_MAX - 1)) unload(oldest);
    this.#reload(chat);
  }

  /** Reads whatever of a shown chat is not held or may be stale. @param {Chat} chat */
  #reload(chat) {
    const { state, request, outbox } = this;
    const id = chat.summary.chat;
    if (state.openChat !== id) return this.#list.refresh(id);
    if (!chat.loaded) {
      loadNewest(this.#context, chat)
        .then(() => outbox.dropSent(id, chat.summary.head.seq))
        .catch((error) => this.#reloadLater(chat, error));
    }
    view(state, request, chat).catch(() => undefined);
    if (!isBig(state, chat)) loadMarks(state, request, chat).catch(() => undefined);
  }

  /** A server that cannot answer now is asked again; a lost connection reloads by itself. @param {Chat} chat @param {import('./chat-error.js').ChatError} error */
  #reloadLater(chat, { name, temporary, retryAfterMs }) {
    if (temporary && name !== 'closed')
      setTimeout(() => chat.loaded || this.#reload(chat), Math.max(500, retryAfterMs));
  }
}

/** The server has another log: the cursor and everything read so far mean nothing. @param {Chat} chat */
function makeVoid(chat) {
  unload(chat);
  chat.summary.head = { ...chat.summary.head, seq: 0, rev: 0 };
  chat.summary.read = 0;
}
