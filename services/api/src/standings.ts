import type { Clock } from '@garam/runtime/clock';
import type { Standing, UserStore } from '@garam/store/user-store';
import { createBoundedMap } from '@garam/views/bounded-map';

export interface Standings {
  /** What an operator has decided about the user; at most a few seconds old. */
  of(user: string): Promise<Standing>;
  forget(user: string): void;
}

const USERS_MAX = 50_000;
const TTL_MS = 5_000;

export function createStandings(deps: { users: Pick<UserStore, 'standing'>; clock: Clock }): Standings {
  const { users, clock } = deps;
  const known = createBoundedMap<string, { standing: Standing; readAt: number }>(USERS_MAX);
  return {
    async of(user) {
      const entry = known.get(user);
      const readAt = clock.monotonic();
      if (entry !== undefined && readAt - entry.readAt < TTL_MS) return entry.standing;
      const standing = await users.standing(user);
      known.set(user, { standing, readAt });
      return standing;
    },
    forget: (user) => known.delete(user),
  };
}
