import { texts } from '../texts/language.js';
import { element } from './element.js';
import { dateOf, hueOf, initialOf, timeOf } from './format.js';
import { textParts } from './text-parts.js';

/**
 * Draws one row of the message list.
 *
 * @typedef {{retry(clientId: string): void, discard(clientId: string): void}} Actions
 * @param {import('./timeline.js').Row} row
 * @param {Actions} actions
 * @returns {HTMLElement}
 */
export function messageRow(row, actions) {
  switch (row.type) {
    case 'date':
      return element('li', { class: 'date' }, element('span', { text: dateOf(row.at) }));
    case 'divider':
      return element('li', { class: 'divider' }, element('span', { text: texts().unreadFrom }));
    case 'notice':
      return element('li', { class: 'notice' }, element('span', { text: noticeText(row) }));
    case 'pending':
      return pendingRow(row, actions);
    default:
      return row.message.kind === 'system'
        ? element('li', { class: 'notice' }, element('span', { text: row.message.text ?? texts().unsupported }))
        : bubbleRow(row);
  }
}

/** @param {import('./timeline.js').MessageRow} row */
function bubbleRow({ message, author, mine, first, timed, unread }) {
  const t = texts();
  const meta = element(
    'div',
    { class: 'meta' },
    unread > 0 &&
      element('span', { class: 'unread-by', text: String(unread), role: 'img', 'aria-label': t.notReadBy(unread) }),
    mine && timed && element('span', { class: 'state', text: '✓', role: 'img', 'aria-label': t.sent }),
    timed && element('time', { text: timeOf(message.at), datetime: new Date(message.at).toISOString() }),
  );
  const bubble = element('div', { class: message.deleted ? 'bubble deleted' : 'bubble', dir: 'auto' });
  if (message.deleted) bubble.textContent = t.deleted;
  else bubble.append(...textParts(message.text ?? t.unsupported));
  if (message.edited && !message.deleted) bubble.append(element('small', { text: ` (${t.edited})` }));
  const reactions = Object.entries(message.reactions ?? {});
  return element(
    'li',
    { class: `row ${mine ? 'mine' : 'theirs'}${first ? ' first' : ''}`, 'data-seq': message.seq },
    !mine &&
      first &&
      element('span', { class: `avatar ${hueOf(message.by)}`, text: initialOf(author), 'aria-hidden': true }),
    element(
      'div',
      { class: 'stack' },
      element('span', { class: mine || !first ? 'author sr-only' : 'author', text: author, dir: 'auto' }),
      element('div', { class: 'line' }, bubble, meta),
      reactions.length > 0 &&
        element(
          'div',
          { class: 'reactions' },
          ...reactions.map(([emoji, { n }]) => element('span', { text: `${emoji} ${n}` })),
        ),
    ),
  );
}

/** @param {import('./timeline.js').PendingRow} row @param {Actions} actions */
function pendingRow({ entry, first }, actions) {
  const t = texts();
  const failed = entry.status === 'failed';
  const state = failed
    ? element(
        'div',
        { class: 'meta failed' },
        element('span', {
          text: `${t.failed}${entry.error && t.errors[entry.error] ? `: ${t.errors[entry.error]}` : ''}`,
        }),
        element('button', { type: 'button', text: t.retry, onclick: () => actions.retry(entry.clientId) }),
        element('button', { type: 'button', text: t.discard, onclick: () => actions.discard(entry.clientId) }),
      )
    : entry.status === 'sent'
      ? element(
          'div',
          { class: 'meta' },
          element('span', { class: 'state', text: '✓', role: 'img', 'aria-label': t.sent }),
        )
      : element('div', { class: 'meta' }, element('span', { class: 'sending', text: t.sending }));
  return element(
    'li',
    { class: `row mine pending${first ? ' first' : ''}`, 'data-state': entry.status },
    element(
      'div',
      { class: 'stack' },
      element(
        'div',
        { class: 'line' },
        element('div', { class: 'bubble', dir: 'auto' }, ...textParts(entry.text)),
        state,
      ),
    ),
  );
}

/** @param {import('./timeline.js').NoticeRow} row */
function noticeText({ event, names }) {
  const t = texts();
  const name = (/** @type {string} */ user) => names[user] ?? user;
  switch (event.type) {
    case 'member.added':
      return t.joined(event.users.map(name).join(', '));
    case 'member.removed':
      return event.user === event.by ? t.left(name(event.user)) : t.removed(name(event.by), name(event.user));
    case 'chat.updated':
      return event.title === undefined ? '' : t.renamed(name(event.by), event.title);
    default:
      return t.created(name(event.by));
  }
}
