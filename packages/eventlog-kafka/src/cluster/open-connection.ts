import SaslAuthenticator from 'kafkajs/src/broker/saslAuthenticator/index.js';
import { withDeadline } from '@garam/runtime/deadline';
import type { CoarseTimers } from '@garam/runtime/coarse-timers';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { KafkaOptions } from '../kafka-options.ts';
import { fromKafkajs, kafkajsExchange, requireVersion } from '../wire/exchange.ts';
import type { ApiVersions, CodecName, Exchange, KafkajsExchange } from '../wire/exchange.ts';
import { KafkaError, errorName } from '../wire/kafka-error.ts';
import { FrameStream } from './frame-stream.ts';

/** One authenticated socket to one broker. Requests are answered in the order they were sent. */
export interface BrokerConnection {
  readonly isOpen: boolean;
  /** @throws KafkaError `not_sent` or `unanswered` */
  send<T>(exchange: Exchange<T>): Promise<T>;
  /** A request of kafkajs's codec, in the newest version both sides speak. */
  call<T>(name: CodecName, payload: object): Promise<T>;
  close(): void;
}

export interface ConnectionDeps {
  options: KafkaOptions;
  timers: CoarseTimers;
}

const CONNECT_TIMEOUT_MS = 3_000;
/** The part of a SASL session's life after which it is renewed. */
const SESSION_PART = 0.8;

/** @throws KafkaError `not_sent` when the broker cannot be reached or refuses us. */
export async function openConnection(address: string, deps: ConnectionDeps): Promise<BrokerConnection> {
  const { options } = deps;
  const timeoutMs = options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
  const late = () => new KafkaError('not_sent', `${address} does not answer within ${timeoutMs} ms`);
  let stream: FrameStream | undefined;
  const opening = openSocket(address, options).then(async (socket) => {
    stream = new FrameStream(socket, { address, ...deps });
    return introduce(stream, address, options);
  });
  try {
    return await withDeadline(opening, timeoutMs, options.clock, late);
  } catch (error) {
    stream?.close(late());
    opening.then(
      (connection) => connection.close(),
      () => undefined,
    );
    if (error instanceof KafkaError && error.code !== undefined) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new KafkaError('not_sent', `cannot connect to ${address}: ${message}`, { cause: error });
  }
}

/** TCP_NODELAY always: a request must not wait for the acknowledgement of the one before. */
function openSocket(address: string, { ssl }: KafkaOptions): Promise<Socket> {
  const at = address.lastIndexOf(':');
  const target = { host: address.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(address.slice(at + 1)) };
  return new Promise((resolve, reject) => {
    const useTls = ssl !== undefined && ssl !== false;
    const tls = typeof ssl === 'object' ? ssl : {};
    const socket = useTls ? connectTls({ servername: target.host, ...tls, ...target }) : connectTcp(target);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 30_000);
    socket.once('error', reject);
    socket.once(useTls ? 'secureConnect' : 'connect', () => {
      socket.removeListener('error', reject);
      resolve(socket);
    });
  });
}

async function introduce(stream: FrameStream, address: string, options: KafkaOptions): Promise<BrokerConnection> {
  const versions = await readVersions(stream);
  let renewAt = Infinity;

  async function authenticate(): Promise<void> {
    renewAt = Infinity;
    const lifetimeMs = await authenticateSasl(stream, address, { versions, options });
    if (lifetimeMs > 0) renewAt = options.clock.monotonic() + lifetimeMs * SESSION_PART;
  }

  if (options.sasl !== undefined) await authenticate();
  const connection: BrokerConnection = {
    get isOpen() {
      return stream.isOpen;
    },
    async send(exchange) {
      requireVersion(exchange, versions);
      if (options.clock.monotonic() > renewAt) await authenticate();
      return stream.send(exchange);
    },
    async call<T>(name: CodecName, payload: object) {
      return connection.send(kafkajsExchange<T>(name, payload, versions));
    },
    close: () => stream.close(new KafkaError('unanswered', 'the connection was closed')),
  };
  return connection;
}

async function readVersions(stream: FrameStream): Promise<ApiVersions> {
  type Answer = { errorCode: number; apiVersions: { apiKey: number; minVersion: number; maxVersion: number }[] };
  const answer = await stream.send(kafkajsExchange<Answer>('ApiVersions', {}, {}));
  const name = errorName(answer.errorCode);
  if (name !== undefined) throw new KafkaError('not_sent', `ApiVersions: ${name}`, { code: name });
  return Object.fromEntries(answer.apiVersions.map(({ apiKey, ...range }) => [apiKey, range]));
}

/** @returns the session's life in ms; 0 when it does not end. */
async function authenticateSasl(
  stream: FrameStream,
  address: string,
  { versions, options }: { versions: ApiVersions; options: KafkaOptions },
): Promise<number> {
  const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, namespace: () => logger };
  const [host, port] = address.split(':');
  const carrier = {
    host,
    port: Number(port),
    sasl: { ...options.sasl },
    send: (exchange: KafkajsExchange) => stream.send(fromKafkajs(exchange)),
  };
  const authenticator = new SaslAuthenticator(carrier, logger, versions, true);
  try {
    await authenticator.authenticate();
  } catch (error) {
    stream.close(new KafkaError('not_sent', 'not authenticated'));
    if (error instanceof KafkaError) throw error;
    const code = 'SASL_AUTHENTICATION_FAILED';
    throw new KafkaError('not_sent', `${address} refuses our credentials`, { cause: error, code });
  }
  return Number(authenticator.sessionLifetime);
}
