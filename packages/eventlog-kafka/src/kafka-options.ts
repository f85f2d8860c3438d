import type { Clock } from '@garam/runtime/clock';
import type { Logger } from '@garam/telemetry/logger';
import type { SASLOptions } from 'kafkajs';
import type { ConnectionOptions as TlsOptions } from 'node:tls';

/** How to reach a cluster. */
export interface KafkaOptions {
  /** Some of the brokers, `host:port`; the others are learned from them. */
  brokers: readonly string[];
  /** Shown in the brokers' logs and quotas. */
  clientId: string;
  clock: Clock;
  logger: Logger;
  /** TLS; `true` for the defaults. */
  ssl?: TlsOptions | boolean;
  sasl?: SASLOptions;
  /** Until a connection is open and authenticated. Default 3,000. */
  connectTimeoutMs?: number;
  /** Until a request is answered. Default 5,000. */
  requestTimeoutMs?: number;
}
