/** A token bucket without timers: `perSecond` tokens flow in, at most `burst` are kept. */
export interface TokenBucket {
  /** Takes one token: 0, or the ms until there will be one (nothing is taken then). */
  take(nowMs: number): number;
  /** Full again at `nowMs`: nothing would be lost by forgetting it. */
  isFull(nowMs: number): boolean;
}

/** `nowMs` is monotonic. */
export function createTokenBucket(rate: { perSecond: number; burst: number }, nowMs: number): TokenBucket {
  let tokens = rate.burst;
  let filledAt = nowMs;
  function fill(now: number): void {
    tokens = Math.min(rate.burst, tokens + ((now - filledAt) / 1_000) * rate.perSecond);
    filledAt = now;
  }
  return {
    take(now) {
      fill(now);
      if (tokens >= 1) {
        tokens -= 1;
        return 0;
      }
      return Math.max(1, Math.ceil(((1 - tokens) / rate.perSecond) * 1_000));
    },
    isFull(now) {
      fill(now);
      return tokens >= rate.burst;
    },
  };
}
