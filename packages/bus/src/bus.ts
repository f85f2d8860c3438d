import type { BusEntry } from '@garam/contracts/bus-entry';
import type { EventRecord } from '@garam/contracts/event-record';

/**
 * Port: who is where, what happened lately, and a way to tell gateways. Never an authority: everything here may be
 * lost at any moment and is found again from the log and the store. No method waits longer than its deadline; all
 * reject with BusError when the bus is out of reach.
 */
export interface Bus {
  readonly routes: Routes;
  readonly recent: Recent;
  readonly presence: Presence;

  /** Sends entries to one instance, in order. Lost when nobody listens or the connection breaks. */
  publish(instance: string, entries: readonly BusEntry[]): Promise<void>;
  /** Receives what is published to `instance`. */
  subscribe(instance: string, listener: BusListener): Promise<Subscription>;

  close(): Promise<void>;
}

export interface BusListener {
  entries(entries: readonly BusEntry[]): void;
  /** The connection was lost and is back: anything may have been missed. Write routes again, compare heads. */
  resubscribed(): void;
  /** The connection is gone (true) or back (false). */
  lost?(isLost: boolean): void;
}

export interface Subscription {
  close(): Promise<void>;
}

/** `chat:` gateways with a member online · `user:` gateways with a session of the user · `watch:` gateways watching a user's presence. */
export type RouteKey = `chat:${string}` | `user:${string}` | `watch:${string}`;

export interface Routes {
  /** Writes or renews routes to `instance`. Returns those that were missing: for a renewal that is a loss to be treated like a reconnect. */
  add(keys: readonly RouteKey[], instance: string, leaseMs: number): Promise<RouteKey[]>;
  remove(keys: readonly RouteKey[], instance: string): Promise<void>;
  /** Instances with an unexpired route, per key, in the order of `keys`. */
  get(keys: readonly RouteKey[]): Promise<string[][]>;
}

export interface Recent {
  /** Adds an event to its chat's recent ones (bounded, newest kept). A rev that is already there is no error. */
  append(event: EventRecord): Promise<void>;
  appendAll(events: readonly EventRecord[]): Promise<void>;
  /** Newest rev known per chat; 0 where nothing is. */
  heads(chats: readonly string[]): Promise<number[]>;
  /** Events with afterRev < rev ≤ throughRev, ascending; possibly not dense: check. */
  range(chat: string, afterRev: number, throughRev: number): Promise<EventRecord[]>;
  /** Membership changes of a user, newest kept, ascending by arrival. */
  appendForUser(user: string, change: MembershipChange): Promise<void>;
  forUser(user: string): Promise<MembershipChange[]>;
}

export interface MembershipChange {
  chat: string;
  rev: number;
  kind: 'added' | 'removed';
}

export interface Presence {
  /** Renews a session's presence. True when the user was offline before. */
  online(user: string, session: string, leaseMs: number): Promise<boolean>;
  /** Ends it. True when that was the user's last session. */
  offline(user: string, session: string): Promise<boolean>;
  /** Whether each user is online. */
  get(users: readonly string[]): Promise<boolean[]>;
}

export class BusError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BusError';
  }
}
