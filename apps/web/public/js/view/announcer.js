import { texts } from '../texts/language.js';
import { byId } from './element.js';

/**
 * Tells screen readers about new messages, merged over a moment; history is never announced. Also keeps the count of
 * unread messages in the tab's title.
 */
const MERGE_MS = 1_000;

/** @param {import('../client.js').Client} client */
export function createAnnouncer({ state }) {
  const region = byId('announcer', HTMLElement);
  /** Newest seq heard of, by chat. @type {Map<string, number>} */
  const heard = new Map();
  let count = 0;
  let from = '';
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  function speak() {
    timer = undefined;
    region.textContent = texts().news(count, from);
    count = 0;
  }

  return {
    show() {
      let unread = 0;
      for (const { summary } of state.chats.values()) {
        if (!summary.muted) unread += summary.unread;
        const before = heard.get(summary.chat) ?? (state.listed ? 0 : summary.head.seq);
        heard.set(summary.chat, summary.head.seq);
        if (summary.head.seq <= before || !summary.last || summary.last.by === state.me.id || summary.muted) continue;
        count += summary.head.seq - before;
        from = state.nameOf(summary.last.by);
        timer ??= setTimeout(speak, MERGE_MS);
      }
      document.title = unread > 0 ? `(${unread}) ${texts().appName}` : texts().appName;
    },
  };
}
