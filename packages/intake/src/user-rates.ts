import type { Clock } from '@garam/runtime/clock';
import { createTokenBucket, type TokenBucket } from './token-bucket.ts';

export interface Rate {
  perSecond: number;
  burst: number;
}

export interface UserRateLimits {
  messages: Rate;
  commands: Rate;
}

export interface UserRates {
  /** Takes one from the user's bucket: 0, or the ms after which to try again. */
  take(user: string, kind: keyof UserRateLimits): number;
}

/** Users remembered at most; full buckets are forgotten first. */
const USERS_MAX = 50_000;

/** Rate limits per user over all their connections and calls on this instance. `null`: no limits. */
export function createUserRates(deps: { clock: Clock }, rates: UserRateLimits | null): UserRates {
  const buckets = new Map<string, TokenBucket>();
  if (rates === null) return { take: () => 0 };
  return {
    take(user, kind) {
      const now = deps.clock.monotonic();
      const key = `${kind}:${user}`;
      let bucket = buckets.get(key);
      if (bucket === undefined) {
        if (buckets.size >= USERS_MAX) forgetFull(buckets, now);
        bucket = createTokenBucket(rates[kind], now);
        buckets.set(key, bucket);
      }
      return bucket.take(now);
    },
  };
}

/** Makes room: drops what has refilled, or the oldest tenth where all are in use. */
function forgetFull(buckets: Map<string, TokenBucket>, now: number): void {
  for (const [key, bucket] of buckets) if (bucket.isFull(now)) buckets.delete(key);
  let surplus = buckets.size - Math.floor(USERS_MAX * 0.9);
  for (const key of buckets.keys()) {
    if (surplus-- <= 0) break;
    buckets.delete(key);
  }
}
