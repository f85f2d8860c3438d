import type { Cancel, Clock } from '@garam/runtime/clock';
import type { Connection, ConnectionHandlers, PreparedMessage } from '@garam/transport/transport';
import type { TurnFlusher } from '@garam/runtime/turn-flusher';
import { UwsMessage } from './uws-message.ts';
import type { UwsSocket } from './uws-module.ts';

/** Given to the library with the upgrade; holds the connection once it is open. */
export interface SocketData {
  readonly protocol: string;
  readonly address: string;
  connection: UwsConnection | undefined;
}

/** What all connections of a transport share. */
export interface ConnectionContext {
  clock: Clock;
  writer: TurnFlusher<UwsConnection>;
  frameBytes: number;
  closeTimeoutMs: number;
}

/** Messages held while reading is paused; a peer that goes on beyond it is cut. */
const HELD_BYTES_MAX = 1_048_576;
/** Pings answered while the peer reads nothing; the library answers by itself, and pongs must not pile up. */
const UNREAD_PONGS_MAX = 500;
const TOO_BIG = 1009;

/**
 * One socket. The library throws on any use after its close handler and runs that handler inside `end` and `close`:
 * so the socket is forgotten there, and our `closed` is told at the end of the turn. A closing handshake begins only
 * when everything sent before is with the kernel, because nothing can be learned about the socket afterwards.
 */
export class UwsConnection implements Connection {
  readonly protocol: string;
  readonly address: string;
  readonly #context: ConnectionContext;
  #socket: UwsSocket<SocketData> | undefined;
  handlers: ConnectionHandlers | undefined = undefined;
  #queue: UwsMessage[] | undefined = undefined;
  #queuedBytes = 0;
  #closing: { code: number; reason: string; cancel: Cancel } | undefined = undefined;
  #held: (string | Uint8Array)[] | undefined = undefined;
  #heldBytes = 0;
  #isPaused = false;
  #unreadPongs = 0;

  constructor(socket: UwsSocket<SocketData>, context: ConnectionContext) {
    const data = socket.getUserData();
    this.#socket = socket;
    this.#context = context;
    this.protocol = data.protocol;
    this.address = data.address;
    data.connection = this;
  }

  send(payload: string | Uint8Array): void {
    if (this.#isOpen) this.#add(new UwsMessage(payload));
  }

  sendPrepared(message: PreparedMessage): void {
    if (this.#isOpen) this.#add(message as UwsMessage);
  }

  bufferedBytes(): number {
    return this.#queuedBytes + (this.#socket?.getBufferedAmount() ?? 0);
  }

  /** The library cannot stop reading: what arrives is held, within a bound. */
  pauseReading(): void {
    this.#isPaused = true;
    this.#held ??= [];
  }

  resumeReading(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#context.clock.endOfTurn(() => this.#releaseHeld());
  }

  close(code: number, reason: string): void {
    if (!this.#isOpen) return;
    this.flush();
    const cancel = this.#context.clock.after(this.#context.closeTimeoutMs, () => this.terminate());
    this.#closing = { code, reason, cancel };
    this.#held = undefined;
    this.drained();
  }

  terminate(): void {
    this.#socket?.close();
  }

  /** A message has arrived; `data` is valid during this call only. */
  received(data: ArrayBuffer, isBinary: boolean): void {
    if (!this.#isOpen) return;
    if (data.byteLength > this.#context.frameBytes) return this.close(TOO_BIG, '');
    const payload = isBinary ? new Uint8Array(data.slice(0)) : Buffer.from(data).toString();
    if (this.#held === undefined) this.handlers?.message(payload);
    else this.#hold(payload, data.byteLength);
  }

  /** A ping has arrived and is answered by the library. */
  pinged(): void {
    if (this.bufferedBytes() === 0) this.#unreadPongs = 0;
    else if (++this.#unreadPongs > UNREAD_PONGS_MAX) this.terminate();
  }

  /** The kernel has taken something. */
  drained(): void {
    if (this.#closing === undefined || this.#socket === undefined || this.bufferedBytes() > 0) return;
    this.#socket.end(this.#closing.code, this.#closing.reason);
  }

  /** The library is done with the socket. */
  ended(code: number): void {
    this.#socket = undefined;
    this.#closing?.cancel();
    this.#queue = undefined;
    this.#queuedBytes = 0;
    this.#held = undefined;
    this.#context.clock.endOfTurn(() => {
      const { handlers } = this;
      this.handlers = undefined;
      handlers?.closed(code);
    });
  }

  /** Hands what is queued to the library, and to the kernel in one call. */
  flush(): void {
    const socket = this.#socket;
    const queue = this.#queue;
    if (socket === undefined || queue === undefined) return;
    this.#queue = undefined;
    this.#queuedBytes = 0;
    if (queue.length === 1) write(socket, queue[0]!);
    else
      socket.cork(() => {
        for (const message of queue) write(socket, message);
      });
  }

  get #isOpen(): boolean {
    return this.#socket !== undefined && this.#closing === undefined;
  }

  #add(message: UwsMessage): void {
    this.#queuedBytes += message.bytes;
    if (this.#queue === undefined) {
      this.#queue = [message];
      this.#context.writer.add(this);
    } else this.#queue.push(message);
  }

  #hold(payload: string | Uint8Array, bytes: number): void {
    this.#heldBytes += bytes;
    if (this.#heldBytes > HELD_BYTES_MAX) this.terminate();
    else this.#held!.push(payload);
  }

  #releaseHeld(): void {
    while (!this.#isPaused && this.#held !== undefined) {
      const payload = this.#held.shift();
      if (payload === undefined) {
        this.#held = undefined;
        this.#heldBytes = 0;
      } else this.handlers?.message(payload);
    }
  }
}

function write(socket: UwsSocket<SocketData>, message: UwsMessage): void {
  socket.send(message.payload, message.isBinary, false);
}
