import { backoffDelayMs } from '@garam/runtime/backoff';
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { LUA_SCRIPTS, type ScriptName } from './lua-scripts.ts';
import type { RedisAddress } from './redis-address.ts';
import type { RedisBusSettings } from './redis-bus-options.ts';

/** The commands the bus uses, on one server or on a cluster. */
export type RedisClient = Record<ScriptName, RunScript> & (Redis | Cluster);

type RunScript = (keyCount: number, ...args: (string | number | Uint8Array)[]) => Promise<unknown>;

const RECONNECT = { baseMs: 50, maxMs: 1_000 };

/**
 * A client for commands that never waits for a connection: nothing is queued while there is none, nothing is sent
 * twice by itself, and a server that owes answers and is silent for `commandTimeoutMs` loses the connection.
 */
export function openClient(address: RedisAddress, settings: RedisBusSettings): RedisClient {
  const { clock, logger } = settings;
  const retryStrategy = (times: number) => 20 + backoffDelayMs(times, RECONNECT, () => clock.random());
  const redisOptions = connectionOptions(address, settings);
  const client = address.isCluster
    ? new Cluster([...address.nodes], {
        redisOptions,
        enableOfflineQueue: false,
        clusterRetryStrategy: retryStrategy,
        maxRedirections: 4,
        retryDelayOnFailover: 50,
        retryDelayOnClusterDown: 50,
        slotsRefreshTimeout: settings.connectTimeoutMs,
        slotsRefreshInterval: 5_000,
      })
    : new Redis({ ...redisOptions, ...address.nodes[0], db: address.db, enableOfflineQueue: false, retryStrategy });
  if (client instanceof Cluster) client.on('+node', connectNow);
  for (const [name, lua] of Object.entries(LUA_SCRIPTS)) client.defineCommand(name, { lua });
  client.on('error', (error: Error) => logger.debug({ err: error }, 'no connection to redis'));
  return client as unknown as RedisClient;
}

/** A node would be connected by its first command, and those that follow meanwhile would be sent around at random. */
function connectNow(node: Redis): void {
  if (node.status === 'wait' && !node.options.readOnly) node.connect().catch(() => {});
}

/** Resolves when commands can be sent, on a cluster to every master. */
export async function whenReady(client: RedisClient): Promise<void> {
  await ready(client);
  if (client instanceof Cluster) await Promise.all(client.nodes('master').map(ready));
}

async function ready(client: Redis | Cluster): Promise<void> {
  if (client.status !== 'ready') await new Promise<void>((resolve) => client.once('ready', resolve));
}

/** What all connections have in common. */
export function connectionOptions(address: RedisAddress, settings: RedisBusSettings): RedisOptions {
  return {
    ...(address.username === undefined ? {} : { username: address.username }),
    ...(address.password === undefined ? {} : { password: address.password }),
    ...(address.isTls ? { tls: {} } : {}),
    connectTimeout: settings.connectTimeoutMs,
    socketTimeout: settings.commandTimeoutMs,
    disconnectTimeout: 100,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    disableClientInfo: true,
  };
}
