/** Two-level map of entries that end at a time: key → member → monotonic ms. Expired ones count as absent at once. */
export interface ExpiringMap {
  /** Sets or renews. True when the member was there. */
  put(key: string, member: string, nowMs: number, expiresAtMs: number): boolean;
  /** Removes. True when the member was there. */
  delete(key: string, member: string, nowMs: number): boolean;
  members(key: string, nowMs: number): string[];
  has(key: string, nowMs: number): boolean;
  /** Forgets expired members of the next `keysMax` keys, going round. */
  sweep(nowMs: number, keysMax: number): void;
  /** Keys held, expired ones not yet swept too. */
  size(): number;
}

export function createExpiringMap(): ExpiringMap {
  const keys = new Map<string, Map<string, number>>();
  let round = keys.entries();

  function forgetExpired(key: string, members: Map<string, number>, nowMs: number): void {
    for (const [member, expiresAtMs] of members) if (expiresAtMs <= nowMs) members.delete(member);
    if (members.size === 0) keys.delete(key);
  }

  return {
    put(key, member, nowMs, expiresAtMs) {
      let members = keys.get(key);
      if (members === undefined) keys.set(key, (members = new Map()));
      const wasThere = (members.get(member) ?? -1) > nowMs;
      members.set(member, expiresAtMs);
      return wasThere;
    },
    delete(key, member, nowMs) {
      const members = keys.get(key);
      const expiresAtMs = members?.get(member);
      if (members === undefined || expiresAtMs === undefined) return false;
      members.delete(member);
      if (members.size === 0) keys.delete(key);
      return expiresAtMs > nowMs;
    },
    members(key, nowMs) {
      const found: string[] = [];
      for (const [member, expiresAtMs] of keys.get(key) ?? []) if (expiresAtMs > nowMs) found.push(member);
      return found;
    },
    has(key, nowMs) {
      for (const expiresAtMs of keys.get(key)?.values() ?? []) if (expiresAtMs > nowMs) return true;
      return false;
    },
    sweep(nowMs, keysMax) {
      for (let count = 0; count < keysMax; count++) {
        const next = round.next();
        if (next.done) {
          round = keys.entries();
          return;
        }
        forgetExpired(next.value[0], next.value[1], nowMs);
      }
    },
    size: () => keys.size,
  };
}
