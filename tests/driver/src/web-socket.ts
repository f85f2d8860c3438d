import { createHash, randomBytes } from 'node:crypto';
import { connect as connectTcp } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { FrameReader } from './frame-reader.ts';

/**
 * A WebSocket client made for load: no object per frame, one read buffer for all sockets of the process, one write
 * per message. It offers no compression and takes text messages only.
 */
export class WebSocketClient {
  readonly #socket: Socket;
  readonly #events: WebSocketEvents;
  readonly #reader: FrameReader;
  readonly #accept: string;
  readonly #masked: boolean;
  #handshake: Buffer | null = Buffer.alloc(0);
  #closeCode = 1006;
  #closeReason = '';
  #closed = false;

  constructor(target: WebSocketTarget, events: WebSocketEvents) {
    this.#events = events;
    this.#masked = target.masked ?? true;
    this.#reader = new FrameReader({
      message: (payload) => events.message(payload),
      control: (opcode, payload) => this.#control(opcode, payload),
    });
    const key = randomBytes(16).toString('base64');
    this.#accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    this.#socket = this.#open(new URL(target.url), key, target.localAddress);
  }

  /** Writes one text message; silently nothing once the socket is closing. */
  send(text: string): void {
    if (!this.#closed) this.#socket.write(encodeFrame(TEXT, Buffer.from(text), this.#masked));
  }

  /** Bytes written but not yet taken by the kernel. */
  get buffered(): number {
    return this.#socket.writableLength;
  }

  /** Orderly close; `events.close` follows. */
  close(code = 1000): void {
    if (this.#closed) return;
    const payload = Buffer.alloc(2);
    payload.writeUInt16BE(code);
    this.#socket.end(encodeFrame(CLOSE, payload, this.#masked));
  }

  /** Cuts the connection without a word, as a lost network does. */
  destroy(): void {
    this.#socket.destroy();
  }

  #open(url: URL, key: string, localAddress: string | undefined): Socket {
    const secure = url.protocol === 'wss:';
    const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const socket = secure
      ? connectTls({ host, port, servername: host })
      : connectTcp({ host, port, noDelay: true, ...(localAddress ? { localAddress } : {}), onread: this.#onread() });
    if (secure) socket.on('data', (chunk: Buffer) => this.#received(chunk));
    socket.once(secure ? 'secureConnect' : 'connect', () => socket.write(upgradeRequest(url, key)));
    socket.on('error', (error) => {
      this.#closeReason ||= error.message;
    });
    socket.on('end', () => socket.end());
    socket.once('close', () => {
      this.#closed = true;
      this.#events.close(this.#closeCode, this.#closeReason);
    });
    return socket;
  }

  /** The read completes synchronously with its callback, so all sockets may share the buffer. */
  #onread(): { buffer: Buffer; callback: (bytes: number, buffer: Uint8Array) => boolean } {
    return {
      buffer: READ_BUFFER,
      callback: (bytes) => {
        this.#received(READ_BUFFER.subarray(0, bytes));
        return true;
      },
    };
  }

  #received(chunk: Buffer): void {
    if (this.#handshake === null) {
      this.#reader.push(chunk);
      return;
    }
    const head = Buffer.concat([this.#handshake, chunk]);
    const end = head.indexOf('\r\n\r\n');
    this.#handshake = head;
    if (end < 0) return;
    const text = head.subarray(0, end).toString('latin1');
    if (!text.startsWith('HTTP/1.1 101') || !text.includes(this.#accept)) {
      this.#closeReason = `upgrade refused: ${text.split('\r\n', 1)[0]}`;
      this.#socket.destroy();
      return;
    }
    this.#handshake = null;
    this.#events.open();
    if (end + 4 < head.length) this.#reader.push(head.subarray(end + 4));
  }

  #control(opcode: number, payload: Buffer): void {
    if (opcode === PING) this.#socket.write(encodeFrame(PONG, Buffer.from(payload), this.#masked));
    if (opcode !== CLOSE) return;
    if (payload.length >= 2) {
      this.#closeCode = payload.readUInt16BE(0);
      this.#closeReason = payload.toString('utf8', 2);
    } else {
      this.#closeCode = 1005;
    }
    this.#socket.end(encodeFrame(CLOSE, Buffer.from(payload.subarray(0, 2)), this.#masked));
  }
}

export interface WebSocketTarget {
  /** `ws://` or `wss://` with the path. */
  url: string;
  /** Source address, for more connections than one address has ports (plain `ws:` only). */
  localAddress?: string;
  /** False sends with an all-zero mask, so that a system-call trace shows what was sent. */
  masked?: boolean;
}

export interface WebSocketEvents {
  open(): void;
  /** The payload is valid only during the call. */
  message(payload: Buffer): void;
  /** Exactly once; 1006 when the connection ended without a close frame or never opened. */
  close(code: number, reason: string): void;
}

const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const PONG = 10;
const READ_BUFFER = Buffer.allocUnsafeSlow(256 * 1024);

function upgradeRequest(url: URL, key: string): string {
  return [
    `GET ${url.pathname}${url.search} HTTP/1.1`,
    `Host: ${url.host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    `Sec-WebSocket-Key: ${key}`,
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Protocol: garam.v1.json',
    '\r\n',
  ].join('\r\n');
}

function encodeFrame(opcode: number, payload: Buffer, masked: boolean): Buffer {
  const length = payload.length;
  const extra = length < 126 ? 0 : length < 65536 ? 2 : 8;
  const frame = Buffer.allocUnsafe(6 + extra + length);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | (extra === 0 ? length : extra === 2 ? 126 : 127);
  if (extra === 2) frame.writeUInt16BE(length, 2);
  if (extra === 8) frame.writeBigUInt64BE(BigInt(length), 2);
  const start = 6 + extra;
  const mask = masked ? (Math.random() * 0x100000000) >>> 0 : 0;
  frame.writeUInt32BE(mask, 2 + extra);
  for (let i = 0; i < length; i += 1) frame[start + i] = payload[i]! ^ frame[start - 4 + (i & 3)]!;
  return frame;
}
