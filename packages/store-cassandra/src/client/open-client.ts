import { StoreError } from '@garam/store/store';
import { backoffDelayMs } from '@garam/runtime/backoff';
import { auth, Client, policies, types, type ClientOptions } from 'cassandra-driver';
import { OPEN_DEADLINE_MS, type CassandraOptions } from '../cassandra-options.ts';
import { guardControlConnection, type ControlConnection } from './guard-control-connection.ts';

const RECONNECT_MS = { first: 250, longest: 2_000 };
const HEARTBEAT_MS = 5_000;
const DRIVER_READ_TIMEOUT_MS = 5_000;
/** Requests without an answer on one connection until it counts as dead. */
const TIMEOUTS_UNTIL_DEAD = 4;
const BACKOFF = { baseMs: 100, maxMs: 1_000 };

/**
 * A client that is connected and for which `isReady` holds, trying until the deadline for opening.
 * @throws StoreError
 */
export async function openClient(
  options: CassandraOptions,
  keyspace: string | undefined,
  isReady: (client: Client) => Promise<boolean> = async () => true,
): Promise<Client> {
  const { clock, logger, openDeadlineMs = OPEN_DEADLINE_MS } = options;
  const dueMs = clock.monotonic() + openDeadlineMs;
  let cause: unknown = new Error('its tables are not up to date');
  for (let attempt = 0; attempt === 0 || clock.monotonic() < dueMs; attempt++) {
    // A client whose first connection failed cannot be used again.
    const client = new Client(clientOptions(options, keyspace));
    client.on('log', (level, from: string, message: string) => {
      if (level === 'error' || level === 'warning') logger.debug({ from, message }, 'the driver of Cassandra says');
    });
    const { controlConnection } = client as unknown as { controlConnection: ControlConnection };
    guardControlConnection(controlConnection, {
      clock,
      retryMs: RECONNECT_MS.longest,
      onError: (error) => logger.warn({ err: error }, 'the driver of Cassandra could not look for a node'),
    });
    try {
      await client.connect();
      if (await isReady(client)) return client;
    } catch (error) {
      cause = error;
      logger.debug({ err: error }, 'Cassandra cannot be opened yet');
    }
    await client.shutdown();
    await clock.sleep(BACKOFF.baseMs + backoffDelayMs(attempt, BACKOFF, () => clock.random()));
  }
  throw new StoreError(`Cassandra could not be opened within ${openDeadlineMs} ms`, { cause });
}

function clientOptions(options: CassandraOptions, keyspace: string | undefined): ClientOptions {
  const { contactPoints, localDataCenter, credentials, ssl, connectTimeoutMs = 2_000 } = options;
  return {
    contactPoints: [...contactPoints],
    localDataCenter,
    ...(keyspace === undefined ? {} : { keyspace }),
    ...(ssl === undefined ? {} : { sslOptions: ssl }),
    ...(credentials === undefined
      ? {}
      : { authProvider: new auth.PlainTextAuthProvider(credentials.username, credentials.password) }),
    queryOptions: { consistency: types.consistencies.localQuorum, prepare: true, isIdempotent: true },
    socketOptions: {
      connectTimeout: connectTimeoutMs,
      // Of what the driver itself asks; statements of the store have their own.
      readTimeout: DRIVER_READ_TIMEOUT_MS,
      defunctReadTimeoutThreshold: TIMEOUTS_UNTIL_DEAD,
    },
    pooling: { heartBeatInterval: HEARTBEAT_MS },
    policies: {
      reconnection: new policies.reconnection.ExponentialReconnectionPolicy(
        RECONNECT_MS.first,
        RECONNECT_MS.longest,
        false,
      ),
    },
  };
}
