import type { Clock } from '@garam/runtime/clock';
import type { ExpiringMap } from './expiring-map.ts';

export interface MemoryPresence {
  online(user: string, session: string, leaseMs: number): boolean;
  offline(user: string, session: string): boolean;
  get(users: readonly string[]): boolean[];
}

/** Who is online, by the leases of the sessions: user → session. */
export function createMemoryPresence(sessions: ExpiringMap, clock: Clock): MemoryPresence {
  return {
    online(user, session, leaseMs) {
      const now = clock.monotonic();
      const wasOnline = sessions.has(user, now);
      sessions.put(user, session, now, now + leaseMs);
      return !wasOnline;
    },
    offline(user, session) {
      const now = clock.monotonic();
      return sessions.delete(user, session, now) && !sessions.has(user, now);
    },
    get(users) {
      const now = clock.monotonic();
      return users.map((user) => sessions.has(user, now));
    },
  };
}
