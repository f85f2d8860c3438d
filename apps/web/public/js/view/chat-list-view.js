import { sortedChats } from '../state.js';
import { texts } from '../texts/language.js';
import { byId, element } from './element.js';
import { hueOf, initialOf, previewOf, shortTimeOf, titleOf } from './format.js';
import { createKeyedList } from './keyed-list.js';

/**
 * The list of chats: avatar, title, preview, time, unread badge.
 *
 * @param {import('../client.js').Client} client
 * @param {(chat: string) => void} open
 */
export function createChatListView({ state, outbox, names }, open) {
  const list = byId('chat-list', HTMLUListElement);
  const empty = byId('chat-list-empty', HTMLElement);
  const rows = createKeyedList(list, (/** @type {ReturnType<typeof rowOf>} */ row) => render(row, open));

  /** @param {import('../types.js').Chat} chat */
  function rowOf({ summary, typing }) {
    const { chat, kind, head, last, unread, memberCount } = summary;
    if (last) names.want(last.by);
    if (summary.peer) names.want(summary.peer.id);
    const author = last && kind !== 'direct' && last.kind !== 'system' ? `${state.nameOf(last.by)}: ` : '';
    const pending = outbox.of(chat).filter((entry) => entry.status !== 'sent');
    return {
      key: chat,
      title: titleOf(summary, (user) => state.nameOf(user)),
      hue: hueOf(summary.peer?.id ?? chat),
      count: kind === 'direct' ? '' : String(memberCount),
      preview: pending.length > 0 ? (pending.at(-1)?.text ?? '') : last ? author + previewOf(last) : '',
      pending: pending.length > 0,
      failed: pending.some((entry) => entry.status === 'failed'),
      typing:
        typing.length > 0
          ? texts().typing(
              typing.map((user) => state.nameOf(user)),
              0,
            )
          : '',
      time: shortTimeOf(head.at),
      unread,
      current: state.openChat === chat,
      language: document.documentElement.lang,
    };
  }

  return {
    show() {
      const chats = sortedChats(state);
      rows.show(chats.map(rowOf));
      empty.hidden = chats.length > 0;
      empty.textContent = state.listed ? texts().noChats : texts().loading;
    },
  };
}

/** @param {any} row @param {(chat: string) => void} open */
function render(row, open) {
  const t = texts();
  const badge = row.unread > 999 ? t.unreadMany : String(row.unread);
  return element(
    'li',
    {},
    element(
      'button',
      {
        type: 'button',
        class: 'chat',
        'aria-current': row.current && 'true',
        onclick: () => open(row.key),
        'data-chat': row.key,
      },
      element('span', { class: `avatar ${row.hue}`, text: initialOf(row.title), 'aria-hidden': true }),
      element(
        'span',
        { class: 'chat-text' },
        element(
          'span',
          { class: 'chat-top' },
          element('span', { class: 'chat-title', text: row.title, dir: 'auto' }),
          row.count && element('span', { class: 'chat-count', text: row.count, 'aria-hidden': true }),
          element('span', { class: 'chat-time', text: row.time }),
        ),
        element(
          'span',
          { class: 'chat-bottom' },
          element('span', {
            class: row.typing ? 'chat-preview typing' : 'chat-preview',
            text: row.typing || row.preview,
            dir: 'auto',
          }),
          row.pending &&
            element('span', {
              class: row.failed ? 'flag failed' : 'flag',
              text: row.failed ? '!' : '…',
              role: 'img',
              'aria-label': row.failed ? t.failed : t.sending,
            }),
          row.unread > 0 &&
            element('span', { class: 'badge', text: badge, role: 'img', 'aria-label': t.unread(row.unread) }),
        ),
      ),
    ),
  );
}
