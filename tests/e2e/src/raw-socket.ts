import { createHash, randomBytes } from 'node:crypto';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { encodeFrame, FrameParser, OPCODE, type FrameShape, type ServerFrame } from './ws-frames.ts';

export interface UpgradeOptions {
  path?: string;
  protocols?: string[];
  /** Replaces or adds request headers; an empty value leaves the header out. */
  headers?: Record<string, string>;
  method?: string;
}

export interface UpgradeAnswer {
  status: number;
  headers: Record<string, string>;
}

export interface CloseInfo {
  /** 1005: a close frame without code; 1006: the TCP connection ended without a close frame. */
  code: number;
  reason: string;
}

const ANSWER_MS = 10_000;

/**
 * A WebSocket over a bare TCP socket, so that tests can send what no library would: broken
 * frames, invalid UTF-8, false lengths; and can stop reading. It answers nothing by itself
 * but WebSocket pings and closes.
 */
export class RawSocket {
  readonly answer: UpgradeAnswer;
  /** Resolves when the connection has ended. */
  readonly closed: Promise<CloseInfo>;
  onText: (text: string) => void = () => {};
  onBinary: (bytes: Buffer) => void = () => {};
  private readonly socket: Socket;
  private readonly parser = new FrameParser();
  private parts: Buffer[] = [];
  private partsOpcode = 0;
  private closeInfo: CloseInfo | undefined;

  private constructor(socket: Socket, answer: UpgradeAnswer, rest: Buffer) {
    this.socket = socket;
    this.answer = answer;
    this.closed = new Promise((resolve) => {
      socket.once('close', () => resolve(this.closeInfo ?? { code: 1006, reason: '' }));
    });
    socket.on('error', () => {});
    if (answer.status !== 101) {
      // What follows a refusal is a body of HTTP, no frames.
      socket.resume();
      return;
    }
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    // Not before whoever opens this has said what to do with messages.
    if (rest.length > 0) setImmediate(() => this.receive(rest));
  }

  /** Asks for the upgrade. `answer.status` is 101 when it was granted. */
  static async open(base: string, options: UpgradeOptions = {}): Promise<RawSocket> {
    const socket = await openTcp(base);
    const key = randomBytes(16).toString('base64');
    socket.write(upgradeRequest(base, key, options));
    const { head, rest } = await readHead(socket);
    const answer = parseHead(head);
    if (answer.status === 101 && answer.headers['sec-websocket-accept'] !== acceptOf(key)) {
      throw new Error('wrong Sec-WebSocket-Accept');
    }
    return new RawSocket(socket, answer, rest);
  }

  sendText(text: string): void {
    this.sendFrame(OPCODE.text, Buffer.from(text));
  }

  sendFrame(opcode: number, payload: Uint8Array, shape: FrameShape = {}): void {
    this.sendBytes(encodeFrame(opcode, payload, shape));
  }

  sendBytes(bytes: Uint8Array): void {
    if (!this.socket.destroyed) this.socket.write(bytes);
  }

  /** Stops reading from the TCP connection: the server's buffers fill. */
  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  /** A proper close, answered by the server. */
  close(code = 1000): void {
    const payload = Buffer.alloc(2);
    payload.writeUInt16BE(code);
    this.sendFrame(OPCODE.close, payload);
  }

  /** Ends the TCP connection without a word. */
  destroy(): void {
    this.socket.destroy();
  }

  private receive(chunk: Buffer): void {
    for (const frame of this.parser.push(chunk)) this.handle(frame);
  }

  private handle(frame: ServerFrame): void {
    if (frame.opcode === OPCODE.ping) return this.sendFrame(OPCODE.pong, frame.payload);
    if (frame.opcode === OPCODE.pong) return undefined;
    if (frame.opcode === OPCODE.close) return this.handleClose(frame.payload);
    if (frame.opcode !== OPCODE.continuation) this.partsOpcode = frame.opcode;
    this.parts.push(frame.payload);
    if (!frame.fin) return undefined;
    const message = Buffer.concat(this.parts);
    this.parts = [];
    if (this.partsOpcode === OPCODE.text) return this.onText(message.toString());
    return this.onBinary(message);
  }

  private handleClose(payload: Buffer): void {
    this.closeInfo ??= {
      code: payload.length >= 2 ? payload.readUInt16BE(0) : 1005,
      reason: payload.subarray(2).toString(),
    };
    this.sendFrame(OPCODE.close, payload.subarray(0, 2));
    this.socket.end();
  }
}

/** Sends raw bytes to the HTTP port and returns what comes back until the server ends the connection or falls silent. */
export async function rawHttp(base: string, bytes: string | Uint8Array): Promise<string> {
  const socket = await openTcp(base);
  socket.write(bytes);
  const { head } = await readHead(socket);
  socket.destroy();
  return head;
}

async function openTcp(base: string): Promise<Socket> {
  const url = new URL(base);
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  const options = { host: url.hostname, port, servername: url.hostname };
  const socket = url.protocol === 'https:' ? connectTls(options) : connectTcp(options);
  socket.setNoDelay(true);
  await new Promise<void>((resolve, reject) => {
    socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => resolve());
    socket.once('error', reject);
  });
  return socket;
}

function upgradeRequest(base: string, key: string, options: UpgradeOptions): string {
  const { path = '/v1/connect', protocols = [], headers = {}, method = 'GET' } = options;
  const all: Record<string, string> = {
    Host: new URL(base).host,
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': key,
    ...(protocols.length > 0 ? { 'Sec-WebSocket-Protocol': protocols.join(', ') } : {}),
    ...headers,
  };
  const lines = Object.entries(all).filter(([, value]) => value !== '');
  return `${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
}

function readHead(socket: Socket): Promise<{ head: string; rest: Buffer }> {
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    const timer = setTimeout(() => done(new Error('no HTTP answer in time')), ANSWER_MS);
    const onData = (chunk: Buffer): void => {
      bytes = Buffer.concat([bytes, chunk]);
      const end = bytes.indexOf('\r\n\r\n');
      if (end >= 0) done(undefined, { head: bytes.subarray(0, end).toString(), rest: bytes.subarray(end + 4) });
    };
    const onEnd = (): void => done(undefined, { head: bytes.toString(), rest: Buffer.alloc(0) });
    const done = (error?: Error, value?: { head: string; rest: Buffer }): void => {
      clearTimeout(timer);
      socket.off('data', onData);
      socket.off('close', onEnd);
      socket.off('error', onEnd);
      if (value) resolve(value);
      else reject(error ?? new Error('no HTTP answer'));
    };
    socket.on('data', onData);
    socket.once('close', onEnd);
    socket.once('error', onEnd);
  });
}

function parseHead(head: string): UpgradeAnswer {
  const [first = '', ...lines] = head.split('\r\n');
  const pairs = lines.map((line) => [
    line.slice(0, line.indexOf(':')).toLowerCase(),
    line.slice(line.indexOf(':') + 1).trim(),
  ]);
  return { status: Number(first.split(' ')[1] ?? 0), headers: Object.fromEntries(pairs) };
}

function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}
