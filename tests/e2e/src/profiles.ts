/**
 * The servers these tests talk to. `default` is an unconfigured Garam; the others differ in
 * configuration only, so a cluster can offer them too (GARAM_TOPOLOGY=cluster, GARAM_E2E_URLS_<PROFILE>).
 */
export type Profile = 'default' | 'strict' | 'quick';

export interface Topology {
  /** Base URLs of the gateways; connections are spread over them. */
  urls: string[];
  /** Base URLs of the HTTP API. */
  httpUrls: string[];
  /** Base URLs that answer /livez, /readyz and /metrics. */
  healthUrls: string[];
  /** HS256 secret for tokens of our own; absent: `POST /v1/dev/token`. */
  jwtSecret?: string;
}

export type Topologies = Record<Profile, Topology>;

export const STRICT_SECRET = 'e2e-secret-e2e-secret-e2e-secret-e2e-secret';
export const ALLOWED_ORIGIN = 'https://app.example.com';
export const GROUP_MAX = 14;
export const CHANNEL_MAX = 3;
export const STRICT_BIG_CHAT = 10;
export const BLOCKED_WORD = 'zzspamzz';
export const QUICK_HEARTBEAT = { intervalMs: 500, timeoutMs: 1_000 };
export const QUICK_RATES = { messageBurst: 10, commandBurst: 40 };

/** What each profile sets. A cluster that offers a profile sets the same. */
export const PROFILE_ENV: Record<Profile, Record<string, string>> = {
  default: {},
  strict: {
    GARAM_HOST: '127.0.0.1',
    GARAM_JWT_SECRET: STRICT_SECRET,
    GARAM_ALLOWED_ORIGINS: `${ALLOWED_ORIGIN},https://other.example.com`,
    GARAM_GROUP_MAX: String(GROUP_MAX),
    GARAM_CHANNEL_MAX: String(CHANNEL_MAX),
    GARAM_BIG_CHAT: String(STRICT_BIG_CHAT),
    GARAM_BLOCKED_WORDS: `${BLOCKED_WORD},금지어`,
  },
  quick: {
    GARAM_HEARTBEAT_INTERVAL_MS: String(QUICK_HEARTBEAT.intervalMs),
    GARAM_HEARTBEAT_TIMEOUT_MS: String(QUICK_HEARTBEAT.timeoutMs),
    GARAM_HELLO_TIMEOUT_MS: '300',
    GARAM_RATE_MESSAGES: `5/${QUICK_RATES.messageBurst}`,
    GARAM_RATE_COMMANDS: `10/${QUICK_RATES.commandBurst}`,
  },
};

declare module 'vitest' {
  interface ProvidedContext {
    topologies: Topologies;
  }
}
