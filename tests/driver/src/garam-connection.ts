import { withDeadline } from './deadline.ts';
import { WebSocketClient } from './web-socket.ts';

/** A frame as it came; fields are looked at, never trusted. */
// oxlint-disable-next-line typescript/no-explicit-any -- a black-box driver reads whatever the server sends
export type Frame = { t: string; id?: number } & Record<string, any>;

/** A chat whose events the client wants from here on. */
export interface Cursor {
  chat: string;
  seq: number;
  rev: number;
}

export interface GaramConnectionOptions {
  /** Base address, `http://` or `https://`. */
  url: string;
  token: string;
  device: string;
  open?: readonly Cursor[];
  localAddress?: string;
  masked?: boolean;
  deadlineMs?: number;
  /** Every push except `ping`, which is answered here. Frames may be shared between connections: do not change them. */
  onPush?: (frame: Frame) => void;
  /** Replies to ids that were written with `write`, not with `command`. */
  onReply?: (frame: Frame) => void;
  onClose?: (code: number, reason: string) => void;
}

/** Thrown by `command` when the answer is `err`. */
export class CommandRefused extends Error {
  readonly code: number;
  readonly temporary: boolean;
  constructor(what: string, error: Frame['error']) {
    super(`${what} refused: ${error?.code} ${error?.name} ${error?.message ?? ''}`);
    this.code = Number(error?.code);
    this.temporary = error?.temporary === true;
  }
}

/** One connection speaking garam.v1.json. Ids below `FIRST_FREE_ID` belong to `command`. */
export class GaramConnection {
  readonly #options: GaramConnectionOptions;
  readonly #socket: WebSocketClient;
  readonly #pending = new Map<number, { resolve: (frame: Frame) => void; reject: (error: Error) => void }>();
  readonly #opened: Promise<void>;
  #lastId = 0;
  #closed = false;

  constructor(options: GaramConnectionOptions) {
    this.#options = options;
    const opened = Promise.withResolvers<void>();
    this.#opened = opened.promise;
    this.#opened.catch(() => {});
    const { url, localAddress, masked } = options;
    const target = { url: `${url.replace(/^http/, 'ws').replace(/\/$/, '')}/v1/connect` };
    this.#socket = new WebSocketClient(
      { ...target, ...(localAddress ? { localAddress } : {}), ...(masked === undefined ? {} : { masked }) },
      {
        open: opened.resolve,
        message: (payload) => this.#received(payload),
        close: (code, reason) => {
          this.#closed = true;
          const error = new Error(`connection closed: ${code} ${reason}`);
          opened.reject(error);
          for (const waiting of this.#pending.values()) waiting.reject(error);
          this.#pending.clear();
          options.onClose?.(code, reason);
        },
      },
    );
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Opens the socket and says hello; the connection is destroyed when it fails. Returns the reply. */
  async hello(): Promise<Frame> {
    const { token, device, open, deadlineMs = 10_000 } = this.#options;
    try {
      await withDeadline(this.#opened, deadlineMs, 'opening the connection');
      return await this.command(
        { t: 'hello', token, device: { id: device, platform: 'driver' }, ...(open ? { open } : {}) },
        deadlineMs,
      );
    } catch (error) {
      this.#socket.destroy();
      throw error;
    }
  }

  /** Sends a command and waits for its reply; rejects with `CommandRefused` on `err`. */
  async command(fields: { t: string } & Record<string, unknown>, deadlineMs = 10_000): Promise<Frame> {
    this.#lastId += 1;
    const id = this.#lastId;
    const reply = new Promise<Frame>((resolve, reject) => this.#pending.set(id, { resolve, reject }));
    reply.catch(() => {});
    if (this.#closed) throw new Error('connection closed');
    this.#socket.send(JSON.stringify({ ...fields, id }));
    try {
      const frame = await withDeadline(reply, deadlineMs, fields.t);
      if (frame.t !== 'ok') throw new CommandRefused(fields.t, frame['error']);
      return frame;
    } finally {
      this.#pending.delete(id);
    }
  }

  /** Writes a ready-made frame; its reply goes to `onReply`, so its id must be ≥ `FIRST_FREE_ID`. */
  write(text: string): void {
    this.#socket.send(text);
  }

  close(): void {
    this.#socket.close();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #received(payload: Buffer): void {
    for (const frame of parsePayload(payload)) {
      if (frame.t === 'ok' || frame.t === 'err') this.#answered(frame);
      else if (frame.t === 'ping') this.#socket.send('{"t":"pong"}');
      else this.#options.onPush?.(frame);
    }
  }

  #answered(frame: Frame): void {
    const waiting = this.#pending.get(frame.id ?? 0);
    if (waiting !== undefined) waiting.resolve(frame);
    else this.#options.onReply?.(frame);
  }
}

/** Ids from here on are free for `write`. */
export const FIRST_FREE_ID = 1 << 20;

/** Opens a connection and waits for `hello` to be answered. */
export async function connectGaram(options: GaramConnectionOptions): Promise<GaramConnection> {
  const connection = new GaramConnection(options);
  await connection.hello();
  return connection;
}

let lastPayload = Buffer.alloc(0);
let lastFrames: readonly Frame[] = [];

/** A message to many arrives as equal bytes on many sockets: it is parsed once. */
function parsePayload(payload: Buffer): readonly Frame[] {
  if (payload.length === lastPayload.length && payload.equals(lastPayload)) return lastFrames;
  const parsed = JSON.parse(payload.toString()) as Frame | Frame[];
  lastFrames = Array.isArray(parsed) ? parsed : [parsed];
  lastPayload = Buffer.from(payload);
  return lastFrames;
}
