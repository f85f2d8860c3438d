import { createServer, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Clock } from '@garam/runtime/clock';
import type { Transport, TransportHandlers, UpgradeRequest } from '@garam/transport/transport';
import { TurnWriter } from './turn-writer.ts';
import { OwnedWebSocket, PreparedFrame, WsConnection } from './ws-connection.ts';

export interface WsTransportOptions {
  /** An HTTP server to take upgrades from; it is neither opened nor closed here. Else `host` and `port` are listened on. */
  server?: Server;
  host?: string;
  /** 0: any free port. */
  port?: number;
  /** Largest WebSocket message taken; larger ones close the connection with 1009. */
  frameBytes: number;
  /** How long a closing handshake may take. */
  closeTimeoutMs?: number;
}

export interface WsTransport extends Transport {
  /** The port listened on, after `start`. */
  port(): number;
}

/** A message may come in this many parts before the connection is cut. */
const PARTS_MAX = 4_096;
const PONG_BUFFER_MAX = 65_536;

/** The transport on the `ws` library: no compression, no per-connection closures or timers. */
export function createWsTransport(deps: { clock: Clock }, options: WsTransportOptions): WsTransport {
  const own = options.server === undefined;
  const server = options.server ?? createServer({ headersTimeout: 10_000 }, refusePlainRequest);
  const writer = new TurnWriter(deps.clock);
  const connections = new Set<WsConnection>();
  let handlers: TransportHandlers | undefined;
  let accepting = false;
  /** Set around the synchronous `handleUpgrade`. */
  let chosenProtocol = '';

  const upgrader = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: options.frameBytes,
    maxFragments: PARTS_MAX,
    maxBufferedChunks: PARTS_MAX,
    autoPong: false,
    allowSynchronousEvents: true,
    closeTimeout: options.closeTimeoutMs ?? 15_000,
    WebSocket: OwnedWebSocket,
    handleProtocols: () => chosenProtocol,
  });

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (handlers === undefined || !accepting) return refuse(socket, 503);
    const asked = upgradeRequest(request);
    const answer = handlers.accept(asked);
    if ('status' in answer) return refuse(socket, answer.status);
    chosenProtocol = answer.protocol;
    upgrader.handleUpgrade(request, socket, head, (ws) =>
      open(ws as OwnedWebSocket, socket as Socket, answer.protocol, handlers!),
    );
  }

  function open(ws: OwnedWebSocket, socket: Socket, protocol: string, { opened }: TransportHandlers): void {
    const connection = new WsConnection(ws, socket, writer, protocol);
    connections.add(connection);
    ws.on('message', onMessage);
    ws.on('ping', onPing);
    ws.on('error', onError);
    ws.on('close', onClose);
    connection.handlers = opened(connection);
  }

  /** Listeners are shared: `this` is the socket. */
  function onClose(this: OwnedWebSocket, code: number): void {
    const { owner } = this;
    if (owner === undefined) return;
    connections.delete(owner);
    this.owner = undefined;
    owner.ended(code);
  }

  return {
    async start(given) {
      handlers = given;
      accepting = true;
      server.on('upgrade', upgrade);
      if (own) await listen(server, options.host ?? '127.0.0.1', options.port ?? 0);
    },
    prepare: (payload) => new PreparedFrame(payload),
    stopAccepting() {
      accepting = false;
      if (own) server.close();
    },
    async stop() {
      accepting = false;
      server.off('upgrade', upgrade);
      for (const connection of connections) connection.terminate();
      if (own && server.listening) server.close();
    },
    port: () => (server.address() as AddressInfo).port,
  };
}

function onMessage(this: OwnedWebSocket, data: Buffer, isBinary: boolean): void {
  this.owner?.received(isBinary ? data : data.toString());
}

/** A peer that does not read gets no answer: pongs must not pile up. */
function onPing(this: OwnedWebSocket, data: Buffer): void {
  if ((this.owner?.bufferedBytes() ?? 0) < PONG_BUFFER_MAX) this.pong(data);
}

/** A broken frame or connection: the library closes, `close` follows. */
function onError(): void {}

function upgradeRequest(request: IncomingMessage): UpgradeRequest {
  const protocols = request.headers['sec-websocket-protocol'] ?? '';
  return {
    path: (request.url ?? '/').split('?', 1)[0]!,
    origin: request.headers.origin,
    host: request.headers.host,
    protocols: protocols
      .split(',')
      .map((protocol) => protocol.trim())
      .filter((protocol) => protocol !== ''),
    address: request.socket.remoteAddress ?? '',
  };
}

function refuse(socket: Duplex, status: number): void {
  socket.on('error', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function refusePlainRequest(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  response.writeHead(426, { 'content-length': 0 }).end();
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
