import { BusError, type Bus, type BusListener, type MembershipChange } from '@garam/bus/bus';
import { BROADCAST, type BusEntry } from '@garam/contracts/bus-entry';
import type { EventRecord } from '@garam/contracts/event-record';
import type { SimProcess } from './sim-process.ts';
import type { World } from './world.ts';

/** Everything the bus knows; a failover or a flush takes some or all of it away. */
interface BusState {
  /** Key → instance → end of its lease, ms. */
  routes: Map<string, Map<string, number>>;
  recent: Map<string, Map<number, EventRecord>>;
  changes: Map<string, MembershipChange[]>;
}

interface Subscriber {
  process: SimProcess;
  listener: BusListener;
  /** Nothing may be delivered before this: entries keep their order. */
  earliestMs: number;
  isLost: boolean;
}

/** Writes not older than this may be lost by a failover, ms. */
const REPLICATION_LAG_MS = 400;

/** The servers of the bus: one primary, and a replica that lags behind. */
export class SimBus {
  readonly #world: World;
  #primary: BusState = emptyState();
  readonly #replica: BusState = emptyState();
  #unreplicated: { atMs: number; write: (state: BusState) => void }[] = [];
  readonly #subscribers = new Map<string, Set<Subscriber>>();
  #unreachableUntilMs = 0;
  #fanoutCutUntilMs = 0;

  constructor(world: World) {
    this.#world = world;
  }

  get state(): BusState {
    return this.#primary;
  }

  /** Takes effect on the primary now, on the replica later. */
  write<T>(write: (state: BusState) => T): T {
    const { nowMs } = this.#world.scheduler;
    this.#replicateUntil(nowMs - REPLICATION_LAG_MS);
    this.#unreplicated.push({ atMs: nowMs, write });
    return write(this.#primary);
  }

  /** Whether the process gets through to the servers now. */
  isReachableFrom({ name }: SimProcess): boolean {
    const { nowMs } = this.#world.scheduler;
    return nowMs >= this.#unreachableUntilMs && !(name.startsWith('fanout') && nowMs < this.#fanoutCutUntilMs);
  }

  subscribe(instance: string, subscriber: Subscriber): void {
    const subscribers = this.#subscribers.get(instance);
    if (subscribers === undefined) this.#subscribers.set(instance, new Set([subscriber]));
    else subscribers.add(subscriber);
  }

  unsubscribe(instance: string, subscriber: Subscriber): void {
    this.#subscribers.get(instance)?.delete(subscriber);
  }

  publish(instance: string, entries: readonly BusEntry[]): void {
    for (const subscriber of this.#subscribers.get(instance) ?? []) this.#publishTo(subscriber, entries);
  }

  #publishTo(subscriber: Subscriber, entries: readonly BusEntry[]): void {
    if (subscriber.isLost || subscriber.process.state === 'dead') return;
    if (this.#world.fault('publish lost', this.#world.profile.bus.publishLost)) return;
    const { scheduler } = this.#world;
    subscriber.earliestMs = Math.max(
      subscriber.earliestMs,
      scheduler.nowMs + this.#world.latencyMs(this.#world.profile.bus.latencyMs),
    );
    subscriber.process.schedule(subscriber.earliestMs - scheduler.nowMs, () => {
      if (!subscriber.isLost) subscriber.listener.entries(entries);
    });
  }

  /** Breaks subscriptions (of one process, or all) for a while; what is published meanwhile is lost. */
  disconnect(durationMs: number, process?: string): void {
    for (const subscriber of [...this.#subscribers.values()].flatMap((subscribers) => [...subscribers])) {
      if ((process !== undefined && subscriber.process.name !== process) || subscriber.isLost) continue;
      subscriber.isLost = true;
      subscriber.process.schedule(this.#noticeMs(durationMs), () => subscriber.listener.lost?.(true));
      this.#world.scheduler.schedule(durationMs, () => {
        subscriber.isLost = false;
        subscriber.process.schedule(this.#world.latencyMs(2), () => {
          subscriber.listener.lost?.(false);
          subscriber.listener.resubscribed();
        });
      });
    }
  }

  /** How long a process does not know that its connection is broken. */
  #noticeMs(durationMs: number): number {
    const { random, profile } = this.#world;
    const { lossNoticeMs = 0 } = profile.bus;
    return lossNoticeMs === 0 ? 0 : random.between(0, Math.min(durationMs, lossNoticeMs));
  }

  /** Processes with subscriptions. */
  get instances(): string[] {
    return [...this.#subscribers.keys()].filter((name) => name !== BROADCAST);
  }

  /** Fanout does not get through, everybody else does. */
  cutFanoutOff(durationMs: number): void {
    this.#fanoutCutUntilMs = this.#world.scheduler.nowMs + durationMs;
  }

  heal(): void {
    this.#unreachableUntilMs = 0;
    this.#fanoutCutUntilMs = 0;
  }

  /** The primary dies with its last writes; everybody connects to the former replica. */
  failover(): void {
    this.#replicateUntil(this.#world.scheduler.nowMs - this.#world.random.between(0, REPLICATION_LAG_MS));
    this.#unreplicated = [];
    this.#primary = copyState(this.#replica);
    this.#outage(this.#world.random.between(50, 2_000));
  }

  /** Everything is gone, as after a restart without a disk. */
  flush(): void {
    this.#unreplicated = [];
    this.#primary = emptyState();
    Object.assign(this.#replica, emptyState());
    this.#outage(this.#world.random.between(50, 1_000));
  }

  outage(durationMs: number): void {
    this.#outage(durationMs);
  }

  /** Routes of an instance vanish (a lease ended while it was paused, an eviction); nobody is told. */
  loseRoutes(instance: string): void {
    this.write((state) => {
      for (const leases of state.routes.values()) leases.delete(instance);
    });
  }

  #outage(durationMs: number): void {
    this.#unreachableUntilMs = Math.max(this.#unreachableUntilMs, this.#world.scheduler.nowMs + durationMs);
    this.disconnect(durationMs + 1);
  }

  #replicateUntil(timeMs: number): void {
    let count = 0;
    while (count < this.#unreplicated.length && this.#unreplicated[count]!.atMs <= timeMs) {
      this.#unreplicated[count]!.write(this.#replica);
      count += 1;
    }
    if (count > 0) this.#unreplicated.splice(0, count);
  }
}

/** The bus as one process sees it. */
export function createBusClient(world: World, servers: SimBus, process: SimProcess): Bus {
  const { bus } = world.profile;
  const latencyMs = () => world.latencyMs(process.name.startsWith('fanout') ? bus.fanoutLatencyMs : bus.latencyMs);
  /** One command to the primary: applied when it arrives, answered later; its answer may be lost. */
  const call = <T>(apply: () => T): Promise<T> =>
    new Promise((resolve, reject) => {
      const fail = (delayMs: number) =>
        void process.schedule(delayMs, () => reject(new BusError('the bus is out of reach')));
      if (world.fault('bus command failed', bus.commandFailed)) return fail(world.random.between(1, 500));
      const isAnswerLost = world.fault('bus answer lost', bus.answerLost);
      world.scheduler.schedule(latencyMs(), () => {
        if (!servers.isReachableFrom(process)) return fail(world.random.between(1, 300));
        const result = apply();
        if (isAnswerLost) fail(world.random.between(20, 500));
        else process.schedule(latencyMs(), () => resolve(result));
      });
    });
  const now = () => world.scheduler.nowMs;

  return {
    publish: (instance, entries) => call(() => servers.publish(instance, entries)),
    async subscribe(instance, listener) {
      const subscriber = { process, listener, earliestMs: 0, isLost: false };
      await call(() => servers.subscribe(instance, subscriber));
      return { close: () => call(() => servers.unsubscribe(instance, subscriber)) };
    },
    routes: {
      add: (keys, instance, leaseMs) =>
        call(() => {
          const untilMs = now() + leaseMs;
          const missing = keys.filter((key) => (servers.state.routes.get(key)?.get(instance) ?? 0) <= now());
          servers.write((state) => {
            for (const key of keys) leasesOf(state, key).set(instance, untilMs);
          });
          return missing;
        }),
      remove: (keys, instance) =>
        call(() =>
          servers.write((state) => {
            for (const key of keys) state.routes.get(key)?.delete(instance);
          }),
        ),
      get: (keys) =>
        call(() =>
          keys.map((key) =>
            [...(servers.state.routes.get(key) ?? [])].filter(([, untilMs]) => untilMs > now()).map(([name]) => name),
          ),
        ),
    },
    recent: {
      append: (event) => call(() => servers.write((state) => remember(state, event))),
      appendAll: (events) =>
        call(() =>
          servers.write((state) => {
            for (const event of events) remember(state, event);
          }),
        ),
      heads: (chats) => call(() => chats.map((chat) => headOf(servers.state, chat))),
      range: (chat, afterRev, throughRev) => call(() => rangeOf(servers.state, { chat, afterRev, throughRev })),
      appendForUser: (user, change) => call(() => servers.write((state) => note(state, user, change))),
      forUser: (user) => call(() => [...(servers.state.changes.get(user) ?? [])]),
    },
    presence: {
      online: () => call(() => false),
      offline: () => call(() => false),
      get: (users) => call(() => users.map(() => true)),
    },
    close: () => Promise.resolve(),
  };
}

function leasesOf(state: BusState, key: string): Map<string, number> {
  let leases = state.routes.get(key);
  if (leases === undefined) state.routes.set(key, (leases = new Map()));
  return leases;
}

function remember(state: BusState, event: EventRecord): void {
  let events = state.recent.get(event.chat);
  if (events === undefined) state.recent.set(event.chat, (events = new Map()));
  if (!events.has(event.rev)) events.set(event.rev, event);
}

function note(state: BusState, user: string, change: MembershipChange): void {
  const known = state.changes.get(user) ?? [];
  const isKnown = known.some(
    ({ chat, rev, kind }) => chat === change.chat && rev === change.rev && kind === change.kind,
  );
  if (!isKnown) state.changes.set(user, [...known, change]);
}

function headOf(state: BusState, chat: string): number {
  let head = 0;
  for (const rev of state.recent.get(chat)?.keys() ?? []) head = Math.max(head, rev);
  return head;
}

function rangeOf(state: BusState, range: { chat: string; afterRev: number; throughRev: number }): EventRecord[] {
  const events = [...(state.recent.get(range.chat)?.values() ?? [])];
  return events.filter(({ rev }) => rev > range.afterRev && rev <= range.throughRev).toSorted((a, b) => a.rev - b.rev);
}

function emptyState(): BusState {
  return { routes: new Map(), recent: new Map(), changes: new Map() };
}

function copyState({ routes, recent, changes }: BusState): BusState {
  return {
    routes: new Map([...routes].map(([key, leases]) => [key, new Map(leases)])),
    recent: new Map([...recent].map(([key, events]) => [key, new Map(events)])),
    changes: new Map([...changes].map(([key, list]) => [key, [...list]])),
  };
}
