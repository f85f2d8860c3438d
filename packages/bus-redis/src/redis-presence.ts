import type { Presence } from '@garam/bus/bus';
import type { RedisKeys } from './redis-keys.ts';
import { keyTtlMs } from './redis-routes.ts';
import { runOnKeys, type ScriptDeps } from './redis-script.ts';

/** Sessions with leases by the server's time. */
export function createRedisPresence(deps: ScriptDeps, keys: RedisKeys): Presence {
  return {
    async online(user, session, leaseMs) {
      const args = [session, Math.ceil(leaseMs), keyTtlMs(Math.ceil(leaseMs))];
      const [wasFirst] = await runOnKeys<number>(deps, 'presenceOnline', [keys.sessions(user)], args);
      return wasFirst === 1;
    },
    async offline(user, session) {
      const [wasLast] = await runOnKeys<number>(deps, 'presenceOffline', [keys.sessions(user)], [session]);
      return wasLast === 1;
    },
    async get(users) {
      const counts = await runOnKeys<number>(deps, 'presenceGet', users.map(keys.sessions), []);
      return counts.map((count) => count > 0);
    },
  };
}
