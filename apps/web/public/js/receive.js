import { catchUp, restart, take } from './history.js';
import { applyReceipts, isBig, loadMarks } from './receipts.js';
import { unload } from './state.js';
import { applyTyping } from './typing.js';

/**
 * What the server pushes becomes state.
 *
 * @typedef {import('./types.js').Chat} Chat
 * @typedef {import('./types.js').Head} Head
 *
 * @param {object} options
 * @param {import('./history.js').Context} options.context
 * @param {ReturnType<typeof import('./chat-list.js').createChatList>} options.list
 * @param {ReturnType<typeof import('./outbox.js').createOutbox>} options.outbox
 * @param {ReturnType<typeof import('./delivery-notice.js').createDeliveryNotice>} options.delivery
 */
export function createReceiver({ context, list, outbox, delivery }) {
  const { state, request } = context;

  /** @param {Chat | undefined} chat @param {import('./types.js').ChatEvent} event */
  function onEvent(chat, event) {
    list.hear(event.chat);
    if (!chat) return list.refresh(event.chat);
    // The last page of a running sync brings it.
    if (chat.loading.sync) return;
    if (!take(context, chat, event)) {
      if (chat.loaded) catchUp(context, chat, event.rev).catch(() => undefined);
      else if (!chat.loading.newest) list.refresh(event.chat);
      return;
    }
    outbox.dropSent(event.chat, chat.summary.head.seq);
    if (event.type === 'message.created' && !isBig(state, chat)) delivery.arrived(chat);
    if (event.type === 'member.added' && chat.marks) loadMarks(state, request, chat).catch(() => undefined);
  }

  /** Its head is the starting cursor: what was held under another beginning is another view. @param {import('./types.js').Summary} summary */
  function onAdded(summary) {
    const known = state.chats.get(summary.chat);
    if (known && summary.visibleFrom !== known.summary.visibleFrom) unload(known);
    list.put(summary);
    if (known && !known.loaded && state.openChat === summary.chat) context.reload(known);
  }

  /** @param {Chat} chat @param {Head} head */
  function onBehind(chat, head) {
    if (state.openChat === chat.summary.chat) return void catchUp(context, chat, head.rev).catch(() => undefined);
    unload(chat);
    list.refresh(chat.summary.chat);
  }

  /** @param {Chat} chat @param {{muted: boolean, pinned: boolean, hidden: boolean}} prefs */
  function onPrefs(chat, { muted, pinned, hidden }) {
    Object.assign(chat.summary, { muted, pinned, hidden });
  }

  /** @param {any} frame A push; unknown types are ignored. */
  return (frame) => {
    const chat = typeof frame.chat === 'string' ? state.chats.get(frame.chat) : undefined;
    if (frame.t === 'event') onEvent(chat, frame);
    else if (frame.t === 'receipts') applyReceipts(state, frame);
    else if (frame.t === 'typing') applyTyping(state, frame);
    else if (frame.t === 'chat.added') onAdded(frame.chat);
    else if (frame.t === 'chat.removed') list.remove(frame.chat);
    else if (frame.t === 'chat.prefs' && chat) onPrefs(chat, frame);
    else if (frame.t === 'behind' && chat) onBehind(chat, frame.head);
    else if (frame.t === 'reset' && chat) restart(context, chat, frame.head);
    state.changed();
  };
}
