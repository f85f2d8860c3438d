import { texts } from '../texts/language.js';
import { byId } from './element.js';

/**
 * Says when the connection is not there, what happens to unsent messages, and offers what can be done.
 *
 * @param {import('../client.js').Client} client
 */
export function createBanner(client) {
  const { state, outbox } = client;
  const banner = byId('banner', HTMLElement);
  const text = byId('banner-text', HTMLElement);
  const button = byId('banner-button', HTMLButtonElement);
  button.addEventListener('click', () => (state.status.phase === 'stopped' ? client.start() : client.wake()));
  setInterval(() => state.status.phase === 'waiting' && show(), 1_000);
  let everOnline = false;

  function show() {
    const { phase, reason } = state.status;
    everOnline ||= phase === 'online';
    const words = wording();
    banner.hidden = words === '';
    if (text.textContent !== words) text.textContent = words;
    banner.dataset.phase = phase;
    button.hidden = phase === 'online' || phase === 'connecting';
    button.textContent = reason === 'replaced' ? texts().useHere : texts().tryNow;
  }

  function wording() {
    const t = texts();
    const { phase, reason, retryAt } = state.status;
    if (phase === 'online') return outbox.durable() ? '' : t.storageFull;
    if (phase === 'stopped')
      return reason === 'replaced' ? t.replaced : reason === 'no_dev_token' ? t.noDevToken : t.stopped(reason);
    if (phase === 'connecting' && !everOnline) return t.connecting;
    const seconds = phase === 'waiting' ? Math.max(0, Math.ceil((retryAt - Date.now()) / 1_000)) : 0;
    const unsent = outbox.unsent();
    return t.reconnecting(seconds) + (unsent > 0 ? ` ${t.unsent(unsent)}` : '');
  }

  return { show };
}
