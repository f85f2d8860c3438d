import { STATUS_CODES } from 'node:http';
import type { Clock } from '@garam/runtime/clock';
import type { Transport, TransportHandlers } from '@garam/transport/transport';
import { TurnFlusher } from '@garam/runtime/turn-flusher';
import { closeCode } from './close-code.ts';
import { UwsConnection, type SocketData } from './uws-connection.ts';
import { UwsMessage } from './uws-message.ts';
import type { UwsApp, UwsBehavior, UwsListenSocket, UwsModule, UwsResponse, UwsSocket } from './uws-module.ts';
import { addressOf, handshakeFault, plainFault, upgradeRequest } from './upgrade-request.ts';

export interface UwsTransportDeps {
  clock: Clock;
  /** From `loadUws`. */
  uws: UwsModule;
}

export interface UwsTransportOptions {
  host?: string;
  /** 0: any free port. */
  port?: number;
  /** Largest WebSocket message taken; larger ones close the connection with 1009. */
  frameBytes: number;
  /** How long what was sent before a close may take to leave. */
  closeTimeoutMs?: number;
}

export interface UwsTransport extends Transport {
  /** The port listened on, after `start`. */
  port(): number;
}

/** The library cuts without a word what is larger than its own limit: it is higher, so that 1009 can be said. */
const LIBRARY_FRAME_BYTES = 1_048_576;
/**
 * Far above any heartbeat, which is the gateway's business. From it the library also derives how long a peer may leave a
 * closing handshake unanswered: 16 s.
 */
const IDLE_SECONDS = 120;

/** The transport on uWebSockets.js. It owns its port; what is no WebSocket upgrade is refused. */
export function createUwsTransport({ clock, uws }: UwsTransportDeps, options: UwsTransportOptions): UwsTransport {
  const { frameBytes, closeTimeoutMs = 15_000 } = options;
  const context = { clock, writer: new TurnFlusher<UwsConnection>(clock), frameBytes, closeTimeoutMs };
  const connections = new Set<UwsConnection>();
  let handlers: TransportHandlers | undefined;
  let listening: UwsListenSocket | undefined;
  let port = 0;

  const behavior: UwsBehavior<SocketData> = {
    compression: uws.DISABLED,
    maxPayloadLength: Math.max(LIBRARY_FRAME_BYTES, 2 * frameBytes),
    maxBackpressure: 0,
    idleTimeout: IDLE_SECONDS,
    maxLifetime: 0,
    sendPingsAutomatically: false,
    upgrade(response, request, socketContext) {
      if (handlers === undefined || listening === undefined) return refuse(response, 503);
      const fault = handshakeFault(request);
      if (fault !== undefined) return refuse(response, fault);
      const asked = upgradeRequest(request, addressOf(response));
      const answer = handlers.accept(asked);
      if ('status' in answer) return refuse(response, answer.status);
      const { protocol } = answer;
      // A protocol that nobody asked for must not be named.
      const named = asked.protocols.includes(protocol) ? protocol : '';
      const key = request.getHeader('sec-websocket-key');
      const data: SocketData = { protocol, address: asked.address, connection: undefined };
      response.upgrade(data, key, named, '', socketContext);
    },
    open(socket) {
      const connection = new UwsConnection(socket, context);
      connections.add(connection);
      connection.handlers = handlers!.opened(connection);
    },
    message: (socket, data, isBinary) => owner(socket)?.received(data, isBinary),
    ping: (socket) => owner(socket)?.pinged(),
    drain: (socket) => owner(socket)?.drained(),
    close(socket, code, reason) {
      const connection = owner(socket);
      if (connection === undefined) return;
      connections.delete(connection);
      connection.ended(closeCode(code, reason));
    },
  };

  function stopAccepting(): void {
    if (listening !== undefined) uws.us_listen_socket_close(listening);
    listening = undefined;
  }

  return {
    async start(given) {
      handlers = given;
      const app = uws
        .App()
        .ws('/*', behavior)
        .any('/*', (response, request) => refuse(response, plainFault(request)));
      listening = await listen(app, options, uws.LIBUS_LISTEN_EXCLUSIVE_PORT);
      port = uws.us_socket_local_port(listening);
    },
    prepare: (payload) => new UwsMessage(payload),
    stopAccepting,
    async stop() {
      stopAccepting();
      for (const connection of connections) connection.terminate();
    },
    port: () => port,
  };
}

function owner(socket: UwsSocket<SocketData>): UwsConnection | undefined {
  return socket.getUserData().connection;
}

function listen(app: UwsApp, { host = '127.0.0.1', port = 0 }: UwsTransportOptions, flags: number) {
  return new Promise<UwsListenSocket>((resolve, reject) => {
    app.listen(host, port, flags, (socket) => {
      if (socket === false) reject(new Error(`${host}:${port} cannot be listened on`));
      else resolve(socket);
    });
  });
}

function refuse(response: UwsResponse, status: number): void {
  response.writeStatus(`${status} ${STATUS_CODES[status]}`).end('', true);
}
