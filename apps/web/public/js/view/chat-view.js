import { trim } from '../history.js';
import { unreadOf } from '../receipts.js';
import { texts } from '../texts/language.js';
import { byId } from './element.js';
import { titleOf } from './format.js';
import { createKeyedList } from './keyed-list.js';
import { messageRow } from './message-row.js';
import { createScrollPlace } from './scroll-place.js';
import { timeline } from './timeline.js';

/** @typedef {import('../types.js').Chat} Chat */

/** Older messages are asked for when the reader comes this near to the first one. */
const NEAR_TOP_PX = 400;

/** The open chat: header, messages, typing line, and the button back to the newest message. */
export class ChatView {
  #client;
  #pane = byId('chat', HTMLElement);
  #nothing = byId('no-chat', HTMLElement);
  #title = byId('chat-title', HTMLElement);
  #count = byId('chat-count', HTMLElement);
  #scroller = byId('scroller', HTMLElement);
  #list = byId('messages', HTMLOListElement);
  #typing = byId('typing', HTMLElement);
  #pill = byId('to-newest', HTMLButtonElement);
  #loading = byId('messages-loading', HTMLElement);
  #place = createScrollPlace(this.#scroller, this.#list);
  #rows;
  /** @type {string | null} */
  #shown = null;
  #newestSeq = 0;

  /** @param {import('../client.js').Client} client */
  constructor(client) {
    this.#client = client;
    const actions = {
      retry: (/** @type {string} */ clientId) => client.retry(clientId),
      discard: (/** @type {string} */ clientId) => client.outbox.discard(clientId),
    };
    this.#rows = createKeyedList(this.#list, (/** @type {import('./timeline.js').Row} */ row) =>
      messageRow(row, actions),
    );
    this.#scroller.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    this.#pill.addEventListener('click', () => this.toEnd());
  }

  show() {
    const chat = this.#current();
    this.#pane.hidden = !chat;
    this.#nothing.hidden = Boolean(chat);
    if (this.#shown !== (chat?.summary.chat ?? null)) this.#switchTo(chat);
    if (!chat) return;
    const { state } = this.#client;
    this.#title.textContent = titleOf(chat.summary, (user) => state.nameOf(user));
    this.#count.textContent = chat.summary.kind === 'direct' ? '' : texts().members(chat.summary.memberCount);
    this.#loading.hidden = chat.loaded;
    this.#showMessages(chat);
    const who = chat.typing.map((user) => state.nameOf(user));
    this.#typing.textContent = who.length > 0 ? texts().typing(who, chat.typingMore) : '';
    this.markRead();
  }

  /** Draws everything again, for example in another language. */
  redraw() {
    this.#rows.clear();
    this.show();
  }

  toEnd() {
    this.#place.toEnd();
    this.#pill.hidden = true;
  }

  /** What has been on screen in a visible, focused page at its end is read. */
  markRead() {
    const chat = this.#current();
    const looking = document.visibilityState === 'visible' && document.hasFocus();
    if (chat?.loaded && looking && this.#place.atEnd()) this.#client.read(chat);
  }

  #current() {
    const { openChat, chats } = this.#client.state;
    return openChat ? chats.get(openChat) : undefined;
  }

  #scrolled() {
    const chat = this.#current();
    if (chat?.loaded && this.#scroller.scrollTop < NEAR_TOP_PX) this.#client.older(chat);
    if (!this.#place.atEnd()) return;
    this.#pill.hidden = true;
    this.markRead();
  }

  /** @param {Chat | undefined} chat */
  #switchTo(chat) {
    this.#rows.clear();
    this.#shown = chat?.summary.chat ?? null;
    this.#newestSeq = 0;
    this.toEnd();
  }

  /** @param {Chat} chat */
  #showMessages(chat) {
    const { state, outbox, names } = this.#client;
    for (const { by } of [...chat.messages, ...chat.notices]) names.want(by);
    if (this.#place.atEnd()) trim(chat);
    const rows = timeline({
      chat,
      pending: outbox.of(chat.summary.chat),
      me: state.me.id,
      nameOf: (user) => state.nameOf(user),
      unreadOf: (message) => unreadOf(state, chat, message),
    });
    this.#place.keepWhile(() => this.#rows.show(rows));
    this.#noticeNews(chat);
    const short = this.#scroller.scrollHeight <= this.#scroller.clientHeight + NEAR_TOP_PX;
    if (chat.hasOlder && short) this.#client.older(chat);
  }

  /** @param {Chat} chat */
  #noticeNews(chat) {
    const newest = chat.messages.at(-1);
    const oldest = chat.messages[0];
    if (!newest || !oldest || newest.seq <= this.#newestSeq) return;
    const news = this.#newestSeq > 0 && newest.by !== this.#client.state.me.id;
    if (news && !this.#place.atEnd()) this.#pill.hidden = false;
    this.#client.seen(chat, { from: oldest.seq, to: newest.seq });
    this.#newestSeq = newest.seq;
  }
}
