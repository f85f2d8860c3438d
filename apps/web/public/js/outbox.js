import { newClientId } from './client-id.js';

/**
 * Messages on their way out. An entry is in localStorage before it is written to a socket, with the number of that
 * attempt, and stays there until the server said `ok` or its event came. Sends are FIFO per chat: one at a time.
 */

/** @typedef {import('./types.js').OutboxEntry} OutboxEntry */

/**
 * @param {object} options
 * @param {string} options.key Storage key of this device's outbox.
 * @param {string[]} options.adopt Storage keys of outboxes whose tabs are gone; their entries are moved here.
 * @param {() => void} options.onChange
 * @param {Storage} [options.storage]
 */
export function createOutbox({ key, adopt, onChange, storage = localStorage }) {
  /** @type {OutboxEntry[]} */
  const entries = [];
  let durable = true;

  for (const source of [key, ...adopt]) {
    /** @type {OutboxEntry[]} */
    const stored = JSON.parse(storage.getItem(source) ?? '[]');
    for (const entry of stored) entries.push(entry.status === 'sending' ? { ...entry, status: 'queued' } : entry);
  }
  save();
  for (const source of adopt) storage.removeItem(source);

  function save() {
    const kept = entries.filter((entry) => entry.status !== 'sent');
    try {
      if (kept.length > 0) storage.setItem(key, JSON.stringify(kept));
      else storage.removeItem(key);
      durable = true;
    } catch {
      durable = false;
    }
    onChange();
  }

  /** @param {OutboxEntry} entry @param {Partial<OutboxEntry>} change */
  function update(entry, change) {
    Object.assign(entry, change);
    save();
  }

  /** @param {(entry: OutboxEntry) => boolean} gone */
  function removeWhere(gone) {
    const kept = entries.filter((entry) => !gone(entry));
    if (kept.length === entries.length) return;
    entries.splice(0, entries.length, ...kept);
    save();
  }

  return {
    /** @param {string} chat @returns {readonly OutboxEntry[]} In sending order. */
    of: (chat) => entries.filter((entry) => entry.chat === chat),
    /** Number of messages that still wait for the server. */
    unsent: () => entries.filter((entry) => entry.status === 'queued' || entry.status === 'sending').length,
    /** False when the browser's storage is full: unsent messages then live in this tab only. */
    durable: () => durable,

    /** @param {string} chat @param {string} text */
    add(chat, text) {
      entries.push({ clientId: newClientId(), chat, text, attempt: 0, createdAt: Date.now(), status: 'queued' });
      save();
    },

    /** The next entry to write: the first of a chat that has none in flight and is neither sent nor refused. */
    next() {
      const busy = new Set();
      for (const entry of entries) {
        if (entry.status === 'queued' && !busy.has(entry.chat)) return entry;
        if (entry.status === 'queued' || entry.status === 'sending') busy.add(entry.chat);
      }
      return undefined;
    },

    /** Stores the attempt before the frame is written. @param {OutboxEntry} entry */
    begin: (entry) => update(entry, { attempt: entry.attempt + 1, status: 'sending' }),
    /** Outcome unknown or temporarily refused: it will be tried again. @param {OutboxEntry} entry */
    requeue: (entry) => update(entry, { status: 'queued' }),
    /** @param {OutboxEntry} entry @param {number} seq */
    sent: (entry, seq) => update(entry, { status: 'sent', seq }),
    /** @param {OutboxEntry} entry @param {string} error */
    fail: (entry, error) => update(entry, { status: 'failed', error }),

    /** The user tries a refused message again. @param {string} clientId */
    retry(clientId) {
      const entry = entries.find((candidate) => candidate.clientId === clientId);
      if (entry?.status !== 'failed') return;
      const renewed = entry.error === 'id_conflict' ? { clientId: newClientId(), attempt: 0 } : {};
      update(entry, { ...renewed, status: 'queued', createdAt: Date.now(), error: '' });
    },
    /** The user gives up a refused message. @param {string} clientId */
    discard: (clientId) => removeWhere((entry) => entry.clientId === clientId && entry.status === 'failed'),
    /** The message is in the chat: its event or row has arrived. @param {string} clientId */
    settle: (clientId) => removeWhere((entry) => entry.clientId === clientId),
    /** Rows that were confirmed and are covered by what is shown. @param {string} chat @param {number} seq */
    dropSent: (chat, seq) =>
      removeWhere((entry) => entry.chat === chat && entry.status === 'sent' && (entry.seq ?? 0) <= seq),
  };
}
