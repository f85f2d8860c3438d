import type { Bus } from '@garam/bus/bus';
import { BROADCAST } from '@garam/contracts/bus-entry';
import { createBreaker } from '@garam/runtime/circuit-breaker';
import { createBusMetrics, type BusMetrics } from './bus-metrics.ts';
import { createChannels } from './channels.ts';
import { encodeEntries } from './entry-codec.ts';
import { awaitFirstLook } from './await-first-look.ts';
import { openClient, type RedisClient } from './open-client.ts';
import { redisAddress } from './redis-address.ts';
import { settingsOf, type RedisBusOptions } from './redis-bus-options.ts';
import { createRedisCalls, type RedisCalls } from './redis-calls.ts';
import { createEventBytes, type BytesOfEvent } from './event-bytes.ts';
import { isOutOfReach } from './is-out-of-reach.ts';
import { createRedisKeys, type RedisKeys } from './redis-keys.ts';
import { createRedisPresence } from './redis-presence.ts';
import { createRedisRecent } from './redis-recent.ts';
import { createRedisRoutes } from './redis-routes.ts';
import { allAnswered } from './redis-script.ts';

/** While Redis is back and no probe has said so, calls are refused for nothing. */
const PROBE_AFTER_MAX_MS = 500;
/** For metrics: heartbeats go to everybody, everything that is about messages to one instance. */
const TO_ALL = { to: 'all' };
const TO_ONE = { to: 'one' };

/**
 * The bus on Redis 7 or later, one server or a cluster. Resolves also while Redis is out of reach (with a warning):
 * it is no authority, and its absence must not keep a process from starting.
 * @throws BusError: Redis refuses us (credentials) · Error: the URL is none
 */
export async function createRedisBus(options: RedisBusOptions): Promise<Bus> {
  const settings = settingsOf(options);
  const address = redisAddress(settings.url);
  const metrics = createBusMetrics(settings.meter);
  const keys = createRedisKeys(settings.keyPrefix);
  const client = openClient(address, settings);
  const breaker = createBreaker({
    clock: settings.clock,
    isFailure: isOutOfReach,
    probeAfterMaxMs: PROBE_AFTER_MAX_MS,
    onChange: (state) => settings.logger.warn({ state }, 'the circuit breaker of redis has changed'),
  });
  const calls = createRedisCalls({ settings, metrics, breaker });
  const channels = createChannels({ address, settings, metrics });
  const bytesOf = createEventBytes();
  const deps = { client, calls, isCluster: address.isCluster };
  await awaitFirstLook(client, settings);
  return {
    routes: createRedisRoutes(deps, keys),
    recent: createRedisRecent(deps, keys, { ...settings, bytesOf }),
    presence: createRedisPresence(deps, keys),
    publish: publisher({ client, calls, keys, metrics, bytesOf }),
    subscribe: (instance, listener) => channels.subscribe(keys.channel(instance), listener),
    async close() {
      calls.close();
      channels.close();
      client.disconnect();
    },
  };
}

interface PublishDeps {
  client: RedisClient;
  calls: RedisCalls;
  keys: RedisKeys;
  metrics: BusMetrics;
  bytesOf: BytesOfEvent;
}

function publisher({ client, calls, keys, metrics, bytesOf }: PublishDeps): Bus['publish'] {
  return async (instance, entries) => {
    if (entries.length === 0) return;
    const messages = encodeEntries(entries, bytesOf);
    const bytes = messages.reduce((sum, message) => sum + message.length, 0);
    const channel = keys.channel(instance);
    await calls.run({ commands: messages.length, bytes }, () =>
      allAnswered(messages.map((message) => client.spublish(channel, message))),
    );
    metrics.publishedEntries.add(entries.length, instance === BROADCAST ? TO_ALL : TO_ONE);
    metrics.publishedBytes.add(bytes);
  };
}
