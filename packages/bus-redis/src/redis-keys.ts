import type { RouteKey } from '@garam/bus/bus';

/**
 * Names of all keys. What stands in braces decides the slot: everything of one chat lives on one node, so its recent
 * events and its routes are written and read on one primary.
 */
export interface RedisKeys {
  /** Sorted set: instance → server's ms at which its lease ends. */
  route(key: RouteKey): string;
  /** Stream of a chat's recent events, ids `rev-0`. */
  recent(chat: string): string;
  /** Sorted set of a user's membership changes by arrival. */
  changes(user: string): string;
  /** Sorted set: session → server's ms at which its lease ends. */
  sessions(user: string): string;
  /** Channel of an instance (sharded Pub/Sub). */
  channel(instance: string): string;
}

export function createRedisKeys(prefix: string): RedisKeys {
  return {
    route(key) {
      const colon = key.indexOf(':');
      const kind = key.slice(0, colon);
      const id = key.slice(colon + 1);
      return kind === 'chat' ? `${prefix}chat:{${id}}:routes` : `${prefix}user:{${id}}:routes:${kind}`;
    },
    recent: (chat) => `${prefix}chat:{${chat}}:recent`,
    changes: (user) => `${prefix}user:{${user}}:changes`,
    sessions: (user) => `${prefix}user:{${user}}:sessions`,
    channel: (instance) => `${prefix}to:${instance}`,
  };
}
