import { backoffMs } from './backoff.js';

/**
 * Drains the outbox over the connection. An attempt without an `ok` is repeated with the same clientId and a higher
 * attempt number; only a permanent refusal settles it as failed.
 */
const DAY_MS = 86_400_000;

/** @typedef {import('./types.js').OutboxEntry} OutboxEntry */

/**
 * @param {object} options
 * @param {ReturnType<typeof import('./outbox.js').createOutbox>} options.outbox
 * @param {import('./connection.js').Connection['request']} options.request
 * @param {() => import('./types.js').Limits | null} options.limits Null while not online.
 */
export function createOutboxSender({ outbox, request, limits }) {
  let refusals = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  /** Sends whatever can be sent now. Call it after adding an entry and whenever the connection comes up. */
  function flush() {
    clearTimeout(timer);
    const bounds = limits();
    if (!bounds) return;
    for (let entry = outbox.next(); entry; entry = outbox.next()) {
      const problem = unsendable(entry, bounds);
      if (problem) outbox.fail(entry, problem);
      else void sendOne(entry);
    }
  }

  /** @param {OutboxEntry} entry */
  async function sendOne(entry) {
    outbox.begin(entry);
    const { chat, clientId, attempt, text } = entry;
    try {
      await request('message.send', { chat, clientId, attempt, kind: 'text', text }, (ok) =>
        outbox.sent(entry, ok.seq),
      );
      refusals = 0;
      flush();
    } catch (error) {
      refused(entry, /** @type {import('./chat-error.js').ChatError} */ (error));
    }
  }

  /** @param {OutboxEntry} entry @param {import('./chat-error.js').ChatError} error */
  function refused(entry, error) {
    if (!error.temporary) {
      outbox.fail(entry, error.name);
      return flush();
    }
    outbox.requeue(entry);
    // A closed connection flushes when it is back.
    if (error.name === 'closed') return;
    clearTimeout(timer);
    timer = setTimeout(flush, Math.max(error.retryAfterMs, backoffMs(refusals++)));
  }

  return { flush };
}

/**
 * What makes an entry impossible to send, found before it can break the connection.
 *
 * @param {OutboxEntry} entry
 * @param {import('./types.js').Limits} bounds
 */
function unsendable(entry, bounds) {
  const bytes = new TextEncoder().encode(entry.text).length;
  const frameBytes = new TextEncoder().encode(JSON.stringify(entry.text)).length + 512;
  if (bytes > bounds.textBytes || frameBytes > bounds.frameBytes) return 'too_large';
  // Beyond this age the server no longer recognises a duplicate: the user decides.
  const tooOld = entry.attempt > 0 && Date.now() - entry.createdAt > bounds.retryDays * DAY_MS;
  return tooOld ? 'unknown_outcome' : '';
}
