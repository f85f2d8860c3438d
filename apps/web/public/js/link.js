import { ChatError } from './chat-error.js';

const INFLIGHT_MAX = 24;
const REQUEST_TIMEOUT_MS = 15_000;
const CONNECT_TIMEOUT_MS = 10_000;
const WATCH_MS = 2_000;
/** The close code reported when this side gave up on a silent peer. */
const SILENT = 4010;

/**
 * @typedef {object} Pending
 * @property {Record<string, unknown>} frame
 * @property {(ok: any) => any} apply
 * @property {(value: any) => void} resolve
 * @property {(error: ChatError) => void} reject
 * @property {number} timeoutMs
 * @property {ReturnType<typeof setTimeout>} [timer]
 */

/**
 * One WebSocket speaking garam.v1.json: numbers commands, pairs replies, answers heartbeats, notices a dead peer.
 *
 * Frames are handled strictly in the order they were read. A reply's `apply` runs in that order too, before any later
 * push, which a promise alone would not guarantee inside a batch.
 */
export class Link {
  /** @type {Map<number, Pending>} */
  #pending = new Map();
  /** @type {Pending[]} */
  #waiting = [];
  #nextId = 1;
  #closed = false;
  #lastFrameAt = Date.now();
  #quietMsMax = CONNECT_TIMEOUT_MS;
  #socket;
  #onPush;
  #onClose;
  #watch;

  /**
   * @param {object} options
   * @param {string} options.url
   * @param {(link: Link) => void} options.onOpen
   * @param {(frame: any) => void} options.onPush
   * @param {(link: Link, code: number) => void} options.onClose Called once.
   */
  constructor({ url, onOpen, onPush, onClose }) {
    this.#onPush = onPush;
    this.#onClose = onClose;
    this.#socket = new WebSocket(url, 'garam.v1.json');
    this.#socket.addEventListener('open', () => {
      this.#lastFrameAt = Date.now();
      if (!this.#closed) onOpen(this);
    });
    this.#socket.addEventListener('close', (event) => this.#finish(event.code));
    this.#socket.addEventListener('message', (event) => this.#read(event.data));
    // Clocks are compared, not timers counted: after a sleep the silence is noticed at once.
    this.#watch = setInterval(() => {
      if (Date.now() - this.#lastFrameAt > this.#quietMsMax) this.#finish(SILENT);
    }, WATCH_MS);
  }

  /** Writes a frame that gets no reply; dropped when the socket is not open. @param {Record<string, unknown>} frame */
  send(frame) {
    if (!this.#closed && this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  /**
   * Sends a command. Resolves with what `apply` returns; rejects with a `ChatError`.
   *
   * @template T
   * @param {string} type
   * @param {Record<string, unknown>} fields
   * @param {(ok: any) => T} apply Runs in frame order.
   * @param {number} [timeoutMs]
   * @returns {Promise<T>}
   */
  request(type, fields, apply, timeoutMs = REQUEST_TIMEOUT_MS) {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(new ChatError('closed', { temporary: true }));
      this.#waiting.push({ frame: { t: type, ...fields }, apply, resolve, reject, timeoutMs });
      this.#pump();
    });
  }

  /** @param {{intervalMs: number, timeoutMs: number}} heartbeat As the server announced it. */
  expectHeartbeat(heartbeat) {
    this.#quietMsMax = heartbeat.intervalMs + heartbeat.timeoutMs;
  }

  close() {
    this.#finish(1000);
  }

  /** @param {string} data One frame or a batch of them. */
  #read(data) {
    if (this.#closed) return;
    this.#lastFrameAt = Date.now();
    const frames = JSON.parse(data);
    for (const frame of Array.isArray(frames) ? frames : [frames]) {
      if (frame.t === 'ping') this.send({ t: 'pong' });
      else if (frame.t === 'ok' || frame.t === 'err') this.#settle(frame);
      else this.#onPush(frame);
    }
  }

  /** @param {any} reply */
  #settle(reply) {
    const command = this.#pending.get(reply.id);
    if (!command) return;
    this.#pending.delete(reply.id);
    clearTimeout(command.timer);
    if (reply.t === 'ok') command.resolve(command.apply(reply));
    else command.reject(new ChatError(reply.error.name, reply.error));
    this.#pump();
  }

  #pump() {
    while (this.#pending.size < INFLIGHT_MAX) {
      const command = this.#waiting.shift();
      if (!command) return;
      const id = this.#nextId++;
      this.#pending.set(id, command);
      command.timer = setTimeout(() => {
        this.#pending.delete(id);
        command.reject(new ChatError('timeout', { temporary: true }));
        this.#pump();
      }, command.timeoutMs);
      this.send({ ...command.frame, id });
    }
  }

  /** @param {number} code */
  #finish(code) {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#watch);
    const left = [...this.#pending.values(), ...this.#waiting.splice(0)];
    this.#pending.clear();
    for (const command of left) {
      clearTimeout(command.timer);
      command.reject(new ChatError('closed', { temporary: true }));
    }
    this.#socket.close();
    this.#onClose(this, code);
  }
}
