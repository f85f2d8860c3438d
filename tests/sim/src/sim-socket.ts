import type {
  Connection,
  ConnectionHandlers,
  PreparedMessage,
  Transport,
  TransportHandlers,
} from '@garam/transport/transport';
import type { SimProcess } from './sim-process.ts';
import type { World } from './world.ts';

/** What the client's end of a connection is told. */
export interface SocketListener {
  frame(payload: string): void;
  closed(code: number): void;
}

interface Prepared extends PreparedMessage {
  payload: string;
}

/** A WebSocket between a client and a gateway: in order both ways, until it is closed or the network breaks. */
export class SimSocket {
  readonly #world: World;
  readonly #server: SimProcess;
  readonly #listener: SocketListener;
  #handlers: ConnectionHandlers | undefined;
  #toServerMs = 0;
  #toClientMs = 0;
  #isCut = false;
  #isClosedHere = false;
  #isClosedThere = false;
  #buffered = 0;

  constructor(world: World, server: SimProcess, listener: SocketListener) {
    this.#world = world;
    this.#server = server;
    this.#listener = listener;
    server.onState((state) => {
      if (state === 'dead') this.#serverDied();
    });
  }

  open(handlers: TransportHandlers): void {
    this.#deliverToServer(() => {
      this.#handlers = handlers.opened(this.#connection());
    });
  }

  send(payload: string): void {
    this.#deliverToServer(() => this.#handlers?.message(payload));
  }

  /** The client closes: what it sent before is still read. */
  close(): void {
    if (this.#isClosedHere) return;
    this.#isClosedHere = true;
    this.#deliverToServer(() => this.#endThere(1_000));
  }

  get isCut(): boolean {
    return this.#isCut;
  }

  /** The network between the two is gone. Neither end is told. */
  cut(): void {
    this.#isCut = true;
  }

  #connection(): Connection {
    return {
      protocol: 'garam.v1.json',
      address: '127.0.0.1',
      send: (payload) => this.#deliverToClient(payload as string),
      sendPrepared: (message) => this.#deliverToClient((message as Prepared).payload),
      bufferedBytes: () => this.#buffered,
      pauseReading: () => undefined,
      resumeReading: () => undefined,
      close: (code) => this.#closedByServer(code),
      terminate: () => this.#closedByServer(1_006),
    };
  }

  #closedByServer(code: number): void {
    this.#toClient(() => this.#endHere(code));
    this.#server.schedule(this.#isCut ? 2_000 : 2 * this.#world.latencyMs(10), () => this.#endThere(code));
  }

  #endThere(code: number): void {
    if (this.#isClosedThere) return;
    this.#isClosedThere = true;
    this.#handlers?.closed(code);
  }

  #endHere(code: number): void {
    if (this.#isClosedHere) return;
    this.#isClosedHere = true;
    this.#listener.closed(code);
  }

  /** A reset reaches the client, or nothing does and it finds out by itself. */
  #serverDied(): void {
    if (this.#world.random.chance(0.3)) this.#isCut = true;
    else this.#toClient(() => this.#endHere(1_006));
  }

  #deliverToServer(task: () => void): void {
    const { scheduler } = this.#world;
    this.#toServerMs = Math.max(this.#toServerMs, scheduler.nowMs + this.#world.latencyMs(10));
    scheduler.schedule(this.#toServerMs - scheduler.nowMs, () => {
      if (this.#isCut) return;
      this.#server.schedule(0, () => {
        if (!this.#isClosedThere) task();
      });
    });
  }

  #deliverToClient(payload: string): void {
    if (this.#isCut) this.#buffered += payload.length;
    this.#toClient(() => {
      if (!this.#isClosedHere) this.#listener.frame(payload);
    });
  }

  #toClient(task: () => void): void {
    const { scheduler } = this.#world;
    this.#toClientMs = Math.max(this.#toClientMs, scheduler.nowMs + this.#world.latencyMs(10));
    scheduler.schedule(this.#toClientMs - scheduler.nowMs, () => {
      if (!this.#isCut) task();
    });
  }
}

/** The gateway's side: clients connect to it while its process listens. */
export interface SimTransport extends Transport {
  connect(world: World, listener: SocketListener): SimSocket;
}

export function createSimTransport(process: SimProcess): SimTransport {
  let handlers: TransportHandlers | undefined;
  return {
    async start(given) {
      handlers = given;
    },
    prepare: (payload): Prepared => ({ bytes: payload.length, payload: payload as string }),
    stopAccepting: () => undefined,
    stop: () => Promise.resolve(),
    connect(world, listener) {
      const socket = new SimSocket(world, process, listener);
      if (handlers !== undefined) socket.open(handlers);
      else world.scheduler.schedule(1, () => listener.closed(1_006));
      return socket;
    },
  };
}
