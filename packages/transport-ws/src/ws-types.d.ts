/** The part of `ws` that is used here; the library brings no types of its own. */
declare module 'ws' {
  import type { EventEmitter } from 'node:events';
  import type { IncomingMessage } from 'node:http';
  import type { Duplex } from 'node:stream';

  export class WebSocket extends EventEmitter {
    static readonly OPEN: 1;
    readonly readyState: number;
    constructor(address: null, protocols: undefined, options: object);
    close(code: number, reason: string): void;
    terminate(): void;
    pause(): void;
    resume(): void;
    pong(data: Uint8Array): void;
  }

  export interface ServerOptions {
    noServer: true;
    clientTracking: boolean;
    perMessageDeflate: false;
    maxPayload: number;
    maxFragments: number;
    maxBufferedChunks: number;
    autoPong: boolean;
    allowSynchronousEvents: boolean;
    closeTimeout: number;
    WebSocket: typeof WebSocket;
    handleProtocols: (protocols: Set<string>, request: IncomingMessage) => string | false;
  }

  export class WebSocketServer extends EventEmitter {
    constructor(options: ServerOptions);
    handleUpgrade(
      request: IncomingMessage,
      socket: Duplex,
      head: Buffer,
      done: (socket: WebSocket, request: IncomingMessage) => void,
    ): void;
  }
}
