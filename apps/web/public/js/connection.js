import { backoffMs } from './backoff.js';
import { ChatError } from './chat-error.js';
import { terminalReason } from './terminal-reason.js';
import { Link } from './link.js';

const HELLO_TIMEOUT_MS = 5_000;
const PROBE_TIMEOUT_MS = 3_000;
/** A connection that held this long resets the back-off. */
const STEADY_MS = 10_000;

/**
 * @typedef {object} Options
 * @property {string} url
 * @property {{get(): Promise<string>, forget(): void}} token
 * @property {() => Record<string, unknown>} helloFields Device and open cursors, asked for at every hello.
 * @property {(ok: import('./types.js').HelloOk) => void} onOnline
 * @property {(frame: any) => void} onPush
 * @property {(status: import('./types.js').ConnectionStatus) => void} onStatus
 */

/**
 * Keeps one authenticated link to the server: hello, reconnect with full jitter, replacement on `drain`, probes on
 * wake. Gives up only on close codes that say so.
 */
export class Connection {
  /** The link in use. @type {Link | null} */
  #current = null;
  /** The link being opened. @type {Link | null} */
  #opening = null;
  /** Why the link being opened was refused. @type {ChatError | null} */
  #refusal = null;
  #busy = false;
  #stopped = false;
  #attempt = 0;
  #tokenForgottenAt = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #options;

  /** @param {Options} options */
  constructor(options) {
    this.#options = options;
  }

  /** Connects now; also leaves `stopped`. */
  start() {
    this.#stopped = false;
    void this.#connect();
  }

  stop() {
    this.#stop('left');
  }

  /** After sleep or a change of network: asks a sign of life of the link, or tries at once when there is none. */
  wake() {
    const link = this.#current;
    if (!link) return void this.#connect();
    link
      .request('ping', {}, () => undefined, PROBE_TIMEOUT_MS)
      .catch((error) => {
        if (error.name === 'timeout') link.close();
      });
  }

  /** Writes a frame that gets no reply; dropped while there is no connection. @param {Record<string, unknown>} frame */
  send = (frame) => this.#current?.send(frame);

  /**
   * @template T
   * @param {string} type
   * @param {Record<string, unknown>} fields
   * @param {(ok: any) => T} apply Runs in frame order.
   * @returns {Promise<T>} Rejects with a `ChatError`; `closed` while there is no connection.
   */
  request = (type, fields, apply) =>
    this.#current?.request(type, fields, apply) ?? Promise.reject(new ChatError('closed', { temporary: true }));

  async #connect() {
    if (this.#stopped || this.#busy) return;
    this.#busy = true;
    clearTimeout(this.#timer);
    if (!this.#current) this.#say('connecting');
    try {
      this.#open(await this.#options.token.get());
    } catch (error) {
      this.#busy = false;
      if (error instanceof ChatError && !error.temporary) this.#stop(error.name);
      else this.#retry();
    }
  }

  /** @param {string} token */
  #open(token) {
    this.#refusal = null;
    if (this.#stopped) {
      this.#busy = false;
      return;
    }
    this.#opening = new Link({
      url: this.#options.url,
      onPush: (frame) => this.#push(frame),
      onOpen: (link) => this.#hello(link, token),
      onClose: (link, code) => this.#closed(link, code),
    });
  }

  /** @param {Link} link @param {string} token */
  #hello(link, token) {
    const fields = { token, ...this.#options.helloFields() };
    link
      .request('hello', fields, (ok) => this.#welcome(link, ok), HELLO_TIMEOUT_MS)
      .catch((error) => {
        if (link === this.#opening) this.#refusal = error;
        if (error.name === 'timeout') link.close();
      });
  }

  /** @param {Link} link @param {import('./types.js').HelloOk} ok */
  #welcome(link, ok) {
    const old = this.#current;
    this.#current = link;
    this.#opening = null;
    this.#busy = false;
    link.expectHeartbeat(ok.heartbeat);
    old?.close();
    setTimeout(() => {
      if (this.#current === link) this.#attempt = 0;
    }, STEADY_MS);
    this.#say('online');
    this.#options.onOnline(ok);
  }

  /** @param {any} frame */
  #push(frame) {
    if (frame.t === 'drain') {
      // The new link is opened while the old one still serves; the old one is closed after the new hello.
      this.#connectIn(Math.random() * Math.min(frame.afterMs / 2, 2_000));
    } else if (frame.t === 'auth.expiring') {
      // Without a fresh token the server closes with 4501 and the next connection gets one.
      this.#refresh().catch(() => undefined);
    }
    this.#options.onPush(frame);
  }

  async #refresh() {
    this.#options.token.forget();
    const token = await this.#options.token.get();
    await this.request('auth.refresh', { token }, () => undefined);
  }

  /** @param {Link} link @param {number} code */
  #closed(link, code) {
    if (link === this.#opening) {
      this.#opening = null;
      this.#busy = false;
    } else if (link === this.#current) {
      this.#current = null;
    } else {
      return;
    }
    if (this.#stopped || this.#current || this.#busy) return;
    const reason = terminalReason(code);
    if (!reason || this.#refusal?.temporary) return this.#retry();
    const mayRenew = reason === 'auth' && Date.now() - this.#tokenForgottenAt > STEADY_MS;
    if (!mayRenew) return this.#stop(this.#refusal?.name ?? reason);
    this.#tokenForgottenAt = Date.now();
    this.#options.token.forget();
    void this.#connect();
  }

  #retry() {
    if (this.#stopped || this.#current) return;
    const waitMs = backoffMs(this.#attempt++);
    this.#say('waiting', Date.now() + waitMs);
    this.#connectIn(waitMs);
  }

  /** @param {number} waitMs */
  #connectIn(waitMs) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#connect(), waitMs);
  }

  /** @param {string} reason */
  #stop(reason) {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#current?.close();
    this.#opening?.close();
    this.#current = null;
    this.#say('stopped', 0, reason);
  }

  /** @param {import('./types.js').Phase} phase @param {number} [retryAt] @param {string} [reason] */
  #say(phase, retryAt = 0, reason = '') {
    this.#options.onStatus({ phase, retryAt, reason });
  }
}
