/**
 * Port: WebSocket connections as the gateway sees them. An adapter owns sockets, framing and the upgrade; it knows
 * nothing of chat. Everything it calls is synchronous and must not throw.
 */
export interface Transport {
  /** Starts to accept connections on the path; `accept` and `opened` decide what happens to them. */
  start(handlers: TransportHandlers): Promise<void>;
  /** Builds a WebSocket message once for any number of connections. */
  prepare(payload: string | Uint8Array): PreparedMessage;
  /** Stops accepting; existing connections live on until they are closed. */
  stopAccepting(): void;
  /** Ends everything at once. */
  stop(): Promise<void>;
}

export interface TransportHandlers {
  /** Decides on an upgrade: a subprotocol to speak, or an HTTP status to refuse with. */
  accept(request: UpgradeRequest): { protocol: string } | { status: number };
  opened(connection: Connection): ConnectionHandlers;
}

export interface UpgradeRequest {
  path: string;
  origin: string | undefined;
  /** The `Host` header. */
  host: string | undefined;
  protocols: readonly string[];
  address: string;
}

export interface ConnectionHandlers {
  message(payload: string | Uint8Array): void;
  /** The connection is gone; the last call. */
  closed(code: number): void;
}

export interface Connection {
  readonly protocol: string;
  readonly address: string;
  /** Writes of one turn of the event loop are merged into as few system calls as possible. */
  send(payload: string | Uint8Array): void;
  sendPrepared(message: PreparedMessage): void;
  /** Bytes accepted but not yet taken by the kernel. */
  bufferedBytes(): number;
  /** Stops or resumes reading, for back-pressure towards the sender. */
  pauseReading(): void;
  resumeReading(): void;
  /**
   * Closing handshake after what was sent before, so that a slow peer still learns why; cut after a deadline of the
   * adapter's (15 s). Nothing can be sent or is received any more.
   */
  close(code: number, reason: string): void;
  /** Cuts the connection now. */
  terminate(): void;
}

/** Opaque to the gateway. */
export interface PreparedMessage {
  readonly bytes: number;
}
