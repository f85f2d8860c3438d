import { z } from 'zod';
import { HEARTBEAT, LIMITS } from '@garam/protocol/limits';
import type { VerifierOptions } from '@garam/auth/verifier';
import { count, list, milliseconds, onOff, rate } from '@garam/service/config-fields';
import { processFields } from '@garam/service/process-fields';
import { DELIVERY_DEFAULTS } from './delivery/delivery-deps.ts';
import { GATEWAY_DEFAULTS, type GatewayOptions } from './gateway-options.ts';
import { TAILING_DEFAULTS } from './tailing/tailing.ts';

/**
 * The gateway's own keys; also read by the all-in-one. Heartbeat interval and timeout together stay below a minute: the
 * sequencer's duplicate rule rests on nothing older getting from a socket into the log.
 */
export const gatewayFields = {
  GARAM_ALLOWED_ORIGINS: list
    .default([])
    .describe(
      'Origins of web pages that may connect, comma-separated; * for all. Pages of the same address and clients without Origin are always allowed',
    ),
  GARAM_LIMITS: onOff.default(true).describe('off: no rate limits, for benchmarks only'),
  GARAM_RATE_MESSAGES: rate
    .default(GATEWAY_DEFAULTS.rates!.messages)
    .describe('Messages per connection and per user: perSecond/burst'),
  GARAM_RATE_COMMANDS: rate
    .default(GATEWAY_DEFAULTS.rates!.commands)
    .describe('Other commands per connection and per user: perSecond/burst'),
  GARAM_BIG_CHAT: count(1, 1_000_000)
    .default(LIMITS.bigChat)
    .describe('Members above which a chat is big: receipts and typing go to viewers only'),
  GARAM_HEARTBEAT_INTERVAL_MS: milliseconds(50, 45_000)
    .default(HEARTBEAT.intervalMs)
    .describe('A ping is sent in every interval in which a connection was silent in one direction'),
  GARAM_HEARTBEAT_TIMEOUT_MS: milliseconds(50, 14_000)
    .default(HEARTBEAT.timeoutMs)
    .describe('A connection is dead this long after an interval without any frame'),
  GARAM_HELLO_TIMEOUT_MS: milliseconds(50, 60_000)
    .default(GATEWAY_DEFAULTS.helloTimeoutMs)
    .describe('Time a new connection has for hello'),
  GARAM_GROUP_MAX: count(1, 1_000_000).default(1_000).describe('Members a group may have'),
  GARAM_CHANNEL_MAX: count(1, 10_000_000).default(100_000).describe('Members a channel may have'),
  GARAM_BLOCKED_WORDS: list.default([]).describe('Texts with any of these words are forbidden, comma-separated'),
  GARAM_REPLY_TIMEOUT_MS: milliseconds(100, 60_000)
    .default(5_000)
    .describe('A command without an answer for this long ends with unknown_outcome'),
  GARAM_WAITING_MAX: count(1, 10_000_000).default(50_000).describe('Commands waiting for their answer at most'),
  GARAM_RECEIPT_WINDOW_MS: milliseconds(0, 60_000)
    .default(GATEWAY_DEFAULTS.receiptWindowMs)
    .describe('read and delivered are coalesced per chat and user this long'),
  GARAM_ANTI_ENTROPY_MS: milliseconds(1_000, 3_600_000)
    .default(DELIVERY_DEFAULTS.antiEntropyMs)
    .describe('Mean time between two comparisons of open chats with the store'),
  GARAM_ROUTE_LEASE_MS: milliseconds(1_000, 3_600_000)
    .default(DELIVERY_DEFAULTS.leaseMs)
    .describe('Lease of routes and of presence on the bus; renewed at a third of it'),
  GARAM_TAIL_SILENCE_MS: milliseconds(1_000, 600_000)
    .default(TAILING_DEFAULTS.silenceMs)
    .describe('Without a heartbeat of fanout for so long a gateway reads a partition of the log itself'),
} satisfies z.ZodRawShape;

export const gatewayConfig = z.object({
  ...processFields,
  ...gatewayFields,
  GARAM_GATEWAY_HOST: z.string().default('0.0.0.0').describe('Address the gateway listens on'),
  GARAM_GATEWAY_PORT: count(0, 65_535).default(8_080).describe('Port of the gateway; 0: any free port'),
  GARAM_TRANSPORT: z
    .enum(['ws', 'uws'])
    .default('ws')
    .describe(
      'What holds the WebSockets of a gateway that is a process of its own: ws, or uws for uWebSockets.js, which has to be installed',
    ),
  GARAM_UWS_MODULE: z
    .string()
    .optional()
    .describe('Where uWebSockets.js is, if it is not installed beside Garam: the path of its folder'),
  GARAM_JWT_SECRET: z.string().min(16).optional().describe('Shared secret of HS256 tokens'),
  GARAM_JWKS_URL: z.url().optional().describe('Key set of RS256, PS256, ES256 and EdDSA tokens'),
});

export type GatewayConfig = z.infer<typeof gatewayConfig>;

/** The keys `gatewayOptions` reads. */
const optionKeys = z.object({ ...gatewayFields, GARAM_DRAIN_MS: processFields.GARAM_DRAIN_MS });

/** undefined: nothing is configured that a token could be verified with. */
export function verifierOptions(config: GatewayConfig): VerifierOptions | undefined {
  const { GARAM_JWT_SECRET: secret, GARAM_JWKS_URL: jwksUrl } = config;
  if (secret === undefined && jwksUrl === undefined) return undefined;
  return { ...(secret === undefined ? {} : { secret }), ...(jwksUrl === undefined ? {} : { jwksUrl }) };
}

export function gatewayOptions(config: z.infer<typeof optionKeys>): GatewayOptions {
  return {
    limits: { ...LIMITS, bigChat: config.GARAM_BIG_CHAT },
    heartbeat: { intervalMs: config.GARAM_HEARTBEAT_INTERVAL_MS, timeoutMs: config.GARAM_HEARTBEAT_TIMEOUT_MS },
    helloTimeoutMs: config.GARAM_HELLO_TIMEOUT_MS,
    drainMs: config.GARAM_DRAIN_MS,
    allowedOrigins: config.GARAM_ALLOWED_ORIGINS.map((origin) => origin.toLowerCase().replace(/\/$/, '')),
    rates: config.GARAM_LIMITS ? { messages: config.GARAM_RATE_MESSAGES, commands: config.GARAM_RATE_COMMANDS } : null,
    receiptWindowMs: config.GARAM_RECEIPT_WINDOW_MS,
    typingWindowMs: GATEWAY_DEFAULTS.typingWindowMs,
    countsEveryMs: GATEWAY_DEFAULTS.countsEveryMs,
    presenceLeaseMs: config.GARAM_ROUTE_LEASE_MS,
    intake: {
      capacity: { group: config.GARAM_GROUP_MAX, channel: config.GARAM_CHANNEL_MAX },
      blockedWords: config.GARAM_BLOCKED_WORDS,
      replyTimeoutMs: config.GARAM_REPLY_TIMEOUT_MS,
      waitingMax: config.GARAM_WAITING_MAX,
    },
    delivery: { antiEntropyMs: config.GARAM_ANTI_ENTROPY_MS, leaseMs: config.GARAM_ROUTE_LEASE_MS },
    tailing: { silenceMs: config.GARAM_TAIL_SILENCE_MS },
  };
}
