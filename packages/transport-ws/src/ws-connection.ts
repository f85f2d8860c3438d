import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import type { Connection, ConnectionHandlers, PreparedMessage } from '@garam/transport/transport';
import { encodeFrame } from './encode-frame.ts';
import type { TurnWriter } from './turn-writer.ts';

/** Knows its connection, so that one set of listeners serves all sockets. */
export class OwnedWebSocket extends WebSocket {
  owner: WsConnection | undefined = undefined;
}

/** A WebSocket message framed once. */
export class PreparedFrame implements PreparedMessage {
  readonly frame: Buffer;
  constructor(payload: string | Uint8Array) {
    this.frame = encodeFrame(payload);
  }
  get bytes(): number {
    return this.frame.length;
  }
}

/**
 * One socket. Frames are written to the TCP socket past the library's sender, which adds nothing without
 * compression; the library reads, answers pings and closes.
 */
export class WsConnection implements Connection {
  readonly protocol: string;
  readonly address: string;
  readonly #ws: OwnedWebSocket;
  readonly #socket: Socket;
  readonly #writer: TurnWriter;
  handlers: ConnectionHandlers | undefined = undefined;
  #chunk: Buffer | undefined = undefined;
  #more: Buffer[] | undefined = undefined;
  #queuedBytes = 0;
  #closing = false;

  constructor(ws: OwnedWebSocket, socket: Socket, writer: TurnWriter, protocol: string) {
    this.#ws = ws;
    this.#socket = socket;
    this.#writer = writer;
    this.protocol = protocol;
    this.address = socket.remoteAddress ?? '';
    ws.owner = this;
  }

  send(payload: string | Uint8Array): void {
    if (!this.#closing) this.#queue(encodeFrame(payload));
  }

  sendPrepared(message: PreparedMessage): void {
    if (!this.#closing) this.#queue((message as PreparedFrame).frame);
  }

  bufferedBytes(): number {
    return this.#queuedBytes + this.#socket.writableLength;
  }

  pauseReading(): void {
    this.#ws.pause();
  }

  resumeReading(): void {
    this.#ws.resume();
  }

  close(code: number, reason: string): void {
    if (this.#closing) return;
    this.flush();
    this.#closing = true;
    this.#ws.close(code, reason);
  }

  terminate(): void {
    this.#closing = true;
    this.#dropQueue();
    this.#ws.terminate();
  }

  received(payload: string | Uint8Array): void {
    if (!this.#closing) this.handlers?.message(payload);
  }

  /** The peer or the library has ended the connection: nothing more can be sent. */
  ended(code: number): void {
    this.#closing = true;
    this.#dropQueue();
    const { handlers } = this;
    this.handlers = undefined;
    handlers?.closed(code);
  }

  /** Hands what is queued to the kernel in one call. */
  flush(): void {
    const first = this.#chunk;
    if (first === undefined) return;
    const more = this.#more;
    const bytes = this.#queuedBytes;
    this.#dropQueue();
    if (this.#ws.readyState !== WebSocket.OPEN) return;
    if (more === undefined) {
      this.#socket.write(first);
      return;
    }
    const joined = this.#writer.join(more, bytes);
    if (joined !== undefined) {
      this.#socket.write(joined);
      return;
    }
    this.#socket.cork();
    for (const chunk of more) this.#socket.write(chunk);
    this.#socket.uncork();
  }

  #queue(frame: Buffer): void {
    this.#queuedBytes += frame.length;
    if (this.#chunk === undefined) {
      this.#chunk = frame;
      this.#writer.add(this);
    } else if (this.#more === undefined) this.#more = [this.#chunk, frame];
    else this.#more.push(frame);
  }

  #dropQueue(): void {
    this.#chunk = undefined;
    this.#more = undefined;
    this.#queuedBytes = 0;
  }
}
