import type {
  Connection,
  ConnectionHandlers,
  PreparedMessage,
  Transport,
  TransportHandlers,
} from '@garam/transport/transport';

export interface UpgradeOptions {
  path?: string;
  origin?: string;
  host?: string;
  protocols?: string[];
}

/** A transport without sockets: what is sent arrives at once. */
export class MemoryTransport implements Transport {
  readonly peers: MemoryPeer[] = [];
  isAccepting = false;
  #handlers: TransportHandlers | undefined;

  async start(handlers: TransportHandlers): Promise<void> {
    this.#handlers = handlers;
    this.isAccepting = true;
  }

  prepare(payload: string | Uint8Array): PreparedMessage {
    return new MemoryMessage(payload);
  }

  stopAccepting(): void {
    this.isAccepting = false;
  }

  async stop(): Promise<void> {
    for (const peer of this.peers) peer.terminate();
  }

  /** The status of a refused upgrade, or the client's end of the connection. */
  upgrade({ path = '/v1/connect', origin, host, protocols = [] }: UpgradeOptions = {}): number | MemoryPeer {
    const answer = this.#handlers!.accept({ path, origin, host, protocols, address: '127.0.0.1' });
    if ('status' in answer) return answer.status;
    const peer = new MemoryPeer(answer.protocol);
    this.peers.push(peer);
    peer.handlers = this.#handlers!.opened(peer);
    return peer;
  }

  connect(options?: UpgradeOptions): MemoryPeer {
    const peer = this.upgrade(options);
    if (typeof peer === 'number') throw new Error(`refused with ${peer}`);
    return peer;
  }
}

class MemoryMessage implements PreparedMessage {
  readonly payload: string | Uint8Array;
  constructor(payload: string | Uint8Array) {
    this.payload = payload;
  }
  get bytes(): number {
    return this.payload.length;
  }
}

// oxlint-disable-next-line typescript/no-explicit-any -- tests look at whatever was sent
export type Frame = Record<string, any> & { t: string };

/** Both ends of one connection: the gateway writes to it, the test reads from it. */
export class MemoryPeer implements Connection {
  readonly protocol: string;
  readonly address = '127.0.0.1';
  /** Every frame the gateway has sent. */
  readonly frames: Frame[] = [];
  /** What the peer pretends not to have taken. */
  buffered = 0;
  closeCode: number | undefined = undefined;
  handlers: ConnectionHandlers | undefined;

  constructor(protocol: string) {
    this.protocol = protocol;
  }

  /** Frames to the gateway, several as one message. */
  tell(...frames: object[]): void {
    this.raw(JSON.stringify(frames.length === 1 ? frames[0] : frames));
  }

  raw(payload: string | Uint8Array): void {
    this.handlers?.message(payload);
  }

  /** The client's end is gone. */
  leave(): void {
    this.#end(1006);
  }

  reply(id: number): Frame | undefined {
    return this.frames.find((frame) => (frame.t === 'ok' || frame.t === 'err') && frame['id'] === id);
  }

  pushes(t: string): Frame[] {
    return this.frames.filter((frame) => frame.t === t);
  }

  send(payload: string | Uint8Array): void {
    if (this.closeCode === undefined) this.frames.push(JSON.parse(payload as string) as Frame);
  }

  sendPrepared(message: PreparedMessage): void {
    this.send((message as MemoryMessage).payload);
  }

  bufferedBytes(): number {
    return this.buffered;
  }

  pauseReading(): void {}

  resumeReading(): void {}

  close(code: number): void {
    this.#end(code);
  }

  terminate(): void {
    this.#end(1006);
  }

  #end(code: number): void {
    if (this.closeCode !== undefined) return;
    this.closeCode = code;
    this.handlers?.closed(code);
    this.handlers = undefined;
  }
}
