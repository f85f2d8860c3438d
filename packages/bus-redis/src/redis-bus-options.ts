import type { Clock } from '@garam/runtime/clock';
import type { Logger } from '@garam/telemetry/logger';
import type { Meter } from '@opentelemetry/api';

export interface RedisBusOptions {
  /**
   * `redis://[user:pass@]host:port[/db]`, `rediss://` for TLS. With `?cluster=true` Redis Cluster, and then several
   * nodes to ask for the others: `redis://a:6379,b:6379?cluster=true`.
   */
  url: string;
  clock: Clock;
  logger: Logger;
  meter?: Meter;
  /** Deadline of every method, and how long a connection that owes answers may be silent. Default 1,000. */
  commandTimeoutMs?: number;
  /** Deadline of connecting, and of the first look at the server. Default 2,000. */
  connectTimeoutMs?: number;
  /** How often a subscription proves that it is alive. Default 1,000. */
  watchIntervalMs?: number;
  /** Newest events kept of a chat. Default 256. */
  eventsPerChat?: number;
  /** How long the recent events of a quiet chat are kept; far above the persister's lag. Default 600,000. */
  recentTtlMs?: number;
  /** In front of every key and channel. Default `garam:`. */
  keyPrefix?: string;
  /** Commands waiting for answers; beyond, calls fail at once. Default 20,000. */
  commandsMax?: number;
  /** Bytes of events waiting for answers; beyond, calls fail at once. Default 64 MiB. */
  bytesMax?: number;
}

export type RedisBusSettings = Required<Omit<RedisBusOptions, 'meter'>> & Pick<RedisBusOptions, 'meter'>;

export function settingsOf(options: RedisBusOptions): RedisBusSettings {
  return {
    commandTimeoutMs: 1_000,
    connectTimeoutMs: 2_000,
    watchIntervalMs: 1_000,
    eventsPerChat: 256,
    recentTtlMs: 600_000,
    keyPrefix: 'garam:',
    commandsMax: 20_000,
    bytesMax: 64 * 1024 * 1024,
    ...options,
  };
}
