import { BusError, type Bus } from '@garam/bus/bus';
import type { Clock } from '@garam/runtime/clock';
import { createExpiringMap } from './expiring-map.ts';
import { createMailboxes } from './mailboxes.ts';
import { createMemoryPresence } from './memory-presence.ts';
import { createMemoryRecent } from './memory-recent.ts';

export interface MemoryBusOptions {
  clock: Clock;
  /** Newest events kept of a chat. Default 256. */
  eventsPerChat?: number;
  /** Chats with recent events. Default 20,000. */
  chatsMax?: number;
  /** Recent events of all chats. Default 200,000. */
  eventsMax?: number;
}

/** The bus of one process, with ways to break it for tests. */
export interface MemoryBus extends Bus {
  /**
   * Cuts the subscriptions of an instance (of all, when none is named) as a broken connection does: what is published
   * meanwhile is lost. The returned function brings them back.
   */
  loseConnection(instance?: string): () => void;
  /** While it is not reachable every method rejects with BusError. Subscriptions are not touched. */
  setReachable(isReachable: boolean): void;
}

const SWEEP_INTERVAL_MS = 1_000;
const SWEEP_KEYS_MAX = 2_000;

/** Entries and events go by reference: nobody may change one. */
export function createMemoryBus(options: MemoryBusOptions): MemoryBus {
  const { clock } = options;
  const routes = createExpiringMap();
  const sessions = createExpiringMap();
  const presence = createMemoryPresence(sessions, clock);
  const mailboxes = createMailboxes(clock);
  const recent = createMemoryRecent({
    eventsPerChat: options.eventsPerChat ?? 256,
    chatsMax: options.chatsMax ?? 20_000,
    eventsMax: options.eventsMax ?? 200_000,
  });
  let state: 'open' | 'unreachable' | 'closed' = 'open';
  const stopSweeping = clock.every(SWEEP_INTERVAL_MS, () => {
    routes.sweep(clock.monotonic(), SWEEP_KEYS_MAX);
    sessions.sweep(clock.monotonic(), SWEEP_KEYS_MAX);
  });

  /** The result, or what the bus being out of reach looks like. */
  function reach<A extends unknown[], T>(work: (...args: A) => T): (...args: A) => Promise<T> {
    return async (...args) => {
      if (state !== 'open') throw new BusError(state === 'closed' ? 'the bus is closed' : 'the bus is out of reach');
      return work(...args);
    };
  }

  return {
    publish: reach(mailboxes.publish),
    subscribe: reach(mailboxes.subscribe),
    routes: {
      add: reach((keys, instance, leaseMs) => {
        const now = clock.monotonic();
        return keys.filter((key) => !routes.put(key, instance, now, now + leaseMs));
      }),
      remove: reach((keys, instance) => {
        for (const key of keys) routes.delete(key, instance, clock.monotonic());
      }),
      get: reach((keys) => {
        const now = clock.monotonic();
        return keys.map((key) => routes.members(key, now));
      }),
    },
    recent: {
      append: reach(recent.append),
      appendAll: reach((events) => events.forEach(recent.append)),
      heads: reach((chats) => chats.map(recent.head)),
      range: reach(recent.range),
      appendForUser: reach(recent.appendForUser),
      forUser: reach(recent.forUser),
    },
    presence: {
      online: reach(presence.online),
      offline: reach(presence.offline),
      get: reach(presence.get),
    },
    loseConnection: mailboxes.loseConnection,
    setReachable(isReachable) {
      if (state !== 'closed') state = isReachable ? 'open' : 'unreachable';
    },
    async close() {
      state = 'closed';
      stopSweeping();
      mailboxes.close();
    },
  };
}
