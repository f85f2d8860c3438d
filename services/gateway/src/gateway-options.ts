import type { IntakeOptions } from '@garam/intake/create-intake';
import { HEARTBEAT, LIMITS, type Limits } from '@garam/protocol/limits';
import type { DeliveryOptions } from './delivery/delivery-deps.ts';
import { TAILING_DEFAULTS, type TailingOptions } from './tailing/tailing.ts';

export interface Rate {
  perSecond: number;
  burst: number;
}

/** Everything a gateway can be told; `gatewayOptions` in config.ts makes it from the environment. */
export interface GatewayOptions {
  /** Announced to clients; `bigChat` is the number of members above which a chat is big. */
  limits: Limits;
  heartbeat: { intervalMs: number; timeoutMs: number };
  helloTimeoutMs: number;
  /** Time between `drain` and the closing of what is still connected. */
  drainMs: number;
  /**
   * Origins of web pages that may connect, lower case; `*` lets all in. Pages of the gateway's own address and requests
   * without Origin (no browsers) are always allowed.
   */
  allowedOrigins: readonly string[];
  /** Token buckets per connection and per user; null: no limits. */
  rates: { messages: Rate; commands: Rate } | null;
  /** `read` and `delivered` are coalesced this long. */
  receiptWindowMs: number;
  /** Typing is merged this long. */
  typingWindowMs: number;
  /** Unread counts of a big chat are told at most this often. */
  countsEveryMs: number;
  presenceLeaseMs: number;
  intake: Omit<IntakeOptions, 'origin'>;
  delivery: Partial<DeliveryOptions>;
  tailing: TailingOptions;
}

export const GATEWAY_DEFAULTS: GatewayOptions = {
  limits: LIMITS,
  heartbeat: HEARTBEAT,
  helloTimeoutMs: 4_500,
  drainMs: 10_000,
  allowedOrigins: [],
  rates: { messages: { perSecond: 20, burst: 100 }, commands: { perSecond: 50, burst: 200 } },
  receiptWindowMs: 150,
  typingWindowMs: 250,
  countsEveryMs: 500,
  presenceLeaseMs: 60_000,
  intake: {},
  delivery: {},
  tailing: TAILING_DEFAULTS,
};
