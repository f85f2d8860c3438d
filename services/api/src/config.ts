import { resolve } from 'node:path';
import { z } from 'zod';
import type { VerifierOptions } from '@garam/auth/verifier';
import type { IntakeOptions } from '@garam/intake/create-intake';
import { LIMITS } from '@garam/protocol/limits';
import { count, list, milliseconds, onOff, rate } from '@garam/service/config-fields';
import { processFields } from '@garam/service/process-fields';
import type { ApiOptions } from './api-deps.ts';

export const apiConfig = z.object({
  ...processFields,
  GARAM_API_HOST: z.string().default('0.0.0.0').describe('Address the api listens on'),
  GARAM_API_PORT: count(0, 65_535).default(8_081).describe('Port of the api; 0: any free port'),
  GARAM_JWT_SECRET: z.string().min(16).optional().describe('Shared secret of HS256 tokens'),
  GARAM_JWKS_URL: z.url().optional().describe('Key set of RS256, PS256, ES256 and EdDSA tokens'),
  GARAM_ALLOWED_ORIGINS: list.default([]).describe('Origins whose pages may call, comma-separated; *: all'),
  GARAM_LIMITS: onOff.default(true).describe('Rate limits per user; off only for benchmarks'),
  GARAM_RATE_MESSAGES: rate.default({ perSecond: 20, burst: 100 }).describe('Messages per user, "perSecond/burst"'),
  GARAM_RATE_COMMANDS: rate.default({ perSecond: 50, burst: 200 }).describe('Other commands, "perSecond/burst"'),
  GARAM_BIG_CHAT: count(1, 100_000).default(LIMITS.bigChat).describe('Members above which a chat is big'),
  GARAM_GROUP_MAX: count(2, 1_000_000).default(1_000).describe('Members a group may have'),
  GARAM_CHANNEL_MAX: count(2, 10_000_000).default(100_000).describe('Members a channel may have'),
  GARAM_BLOCKED_WORDS: list.default([]).describe('Texts with any of these are refused, comma-separated'),
  GARAM_REPLY_TIMEOUT_MS: milliseconds(100, 60_000).default(5_000).describe('After this an outcome is unknown'),
  GARAM_WAITING_MAX: count(1, 1_000_000).default(50_000).describe('Commands waiting for their answer at most'),
  GARAM_DELAY_TARGET_MS: milliseconds(10, 10_000)
    .default(250)
    .describe('Standing delay of answers above which new commands are refused at once'),
  GARAM_WEB_FOLDER: z.string().optional().describe('Folder of a web client to serve at /'),
});

export type ApiConfig = z.infer<typeof apiConfig>;

export function apiOptions(config: ApiConfig): ApiOptions {
  return {
    host: config.GARAM_API_HOST,
    port: config.GARAM_API_PORT,
    ownsIntake: true,
    bodyBytes: LIMITS.frameBytes,
    bigChat: config.GARAM_BIG_CHAT,
    allowedOrigins: config.GARAM_ALLOWED_ORIGINS,
    rates: config.GARAM_LIMITS ? { messages: config.GARAM_RATE_MESSAGES, commands: config.GARAM_RATE_COMMANDS } : null,
    ...(config.GARAM_WEB_FOLDER === undefined ? {} : { webFolder: resolve(config.GARAM_WEB_FOLDER) }),
  };
}

export function intakeOptions(config: ApiConfig): Omit<IntakeOptions, 'origin'> {
  return {
    replyTimeoutMs: config.GARAM_REPLY_TIMEOUT_MS,
    waitingMax: config.GARAM_WAITING_MAX,
    delayTargetMs: config.GARAM_DELAY_TARGET_MS,
    capacity: { group: config.GARAM_GROUP_MAX, channel: config.GARAM_CHANNEL_MAX },
    blockedWords: config.GARAM_BLOCKED_WORDS,
  };
}

/** undefined: nothing is configured that a token could be verified with. */
export function verifierOptions(config: ApiConfig): VerifierOptions | undefined {
  const { GARAM_JWT_SECRET: secret, GARAM_JWKS_URL: jwksUrl } = config;
  if (secret === undefined && jwksUrl === undefined) return undefined;
  return { ...(secret === undefined ? {} : { secret }), ...(jwksUrl === undefined ? {} : { jwksUrl }) };
}
