import type { Routes } from '@garam/bus/bus';
import type { RedisKeys } from './redis-keys.ts';
import { runOnKeys, type ScriptDeps } from './redis-script.ts';

/**
 * Keys of leases live far longer than the leases and than recent events: a server that has to evict what ends first
 * (`volatile-ttl`) gives up recent events before routes.
 */
export function keyTtlMs(leaseMs: number): number {
  return Math.max(7_200_000, 4 * leaseMs);
}

/** Routes with leases by the server's time. */
export function createRedisRoutes(deps: ScriptDeps, keys: RedisKeys): Routes {
  return {
    async add(routes, instance, leaseMs) {
      const args = [instance, Math.ceil(leaseMs), keyTtlMs(Math.ceil(leaseMs))];
      const found = await runOnKeys<number>(deps, 'routesAdd', routes.map(keys.route), args);
      return routes.filter((_, index) => found[index] !== 1);
    },
    async remove(routes, instance) {
      await runOnKeys(deps, 'routesRemove', routes.map(keys.route), [instance]);
    },
    get: (routes) => runOnKeys<string[]>(deps, 'routesGet', routes.map(keys.route), []),
  };
}
