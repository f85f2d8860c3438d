import type { Claims } from './claims.ts';

export interface TokenCache {
  get(token: string, now: number): Claims | undefined;
  set(token: string, claims: Claims, now: number): void;
}

/** Verified tokens, the least recently used forgotten first. */
export function createTokenCache(options: { tokensMax: number; ageMaxMs: number }): TokenCache {
  const byToken = new Map<string, { claims: Claims; verifiedAt: number }>();
  return {
    get(token, now) {
      const entry = byToken.get(token);
      if (entry === undefined) return undefined;
      byToken.delete(token);
      if (now - entry.verifiedAt >= options.ageMaxMs) return undefined;
      byToken.set(token, entry);
      return entry.claims;
    },
    set(token, claims, now) {
      byToken.set(token, { claims, verifiedAt: now });
      if (byToken.size <= options.tokensMax) return;
      const oldest = byToken.keys().next();
      if (!oldest.done) byToken.delete(oldest.value);
    },
  };
}
