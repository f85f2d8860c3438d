import type { Bus, RouteKey } from '@garam/bus/bus';
import type { PresenceState } from '@garam/protocol/entities';
import { Refusal } from '@garam/protocol/errors';
import { PRESENCE_WATCH_MAX } from '@garam/protocol/limits';
import type { Clock } from '@garam/runtime/clock';
import type { UserStore } from '@garam/store/user-store';
import type { Logger } from '@garam/telemetry/logger';
import type { Views } from '@garam/views/views';
import type { RouteTable } from '../delivery/route-table.ts';
import { publishTo } from '../publish.ts';
import type { Session } from '../session/session.ts';
import { SharedPush } from '../shared-push.ts';

export interface PresenceDeps {
  bus: Bus;
  users: UserStore;
  views: Pick<Views, 'acquaintances'>;
  clock: Clock;
  logger: Logger;
  routes: RouteTable;
}

/** A user whose state somebody here wants to know, with the state last told. */
interface Watched {
  sessions: Set<Session>;
  online: boolean;
  lastSeenAt: number;
}

const AT_ONCE = 500;

/**
 * Who is online, and who here wants to know. A session counts while its lease on the bus is renewed; changes are told to
 * the gateways with a `watch:` route. A hint, never an authority: what fails now is put right by the next `refresh`.
 */
export class Presence {
  readonly #deps: PresenceDeps;
  readonly #leaseMs: number;
  readonly #online = new Set<Session>();
  readonly #watched = new Map<string, Watched>();

  constructor(deps: PresenceDeps, options: { leaseMs: number }) {
    this.#deps = deps;
    this.#leaseMs = options.leaseMs;
  }

  /** The session counts as online from now on; renewed until `leave`. */
  enter(session: Session): void {
    this.#online.add(session);
    this.#attempt(this.#renew(session));
  }

  leave(session: Session): void {
    if (session.connection.isClosed) this.unwatch(session, [...(session.watched ?? [])]);
    if (this.#online.delete(session)) this.#attempt(this.#end(session));
  }

  /** States of those the session shares a chat with; their changes are pushed from now on. @throws Refusal */
  async watch(session: Session, users: readonly string[]): Promise<PresenceState[]> {
    const wanted = new Set([...(session.watched ?? []), ...users]);
    if (wanted.size > PRESENCE_WATCH_MAX) throw new Refusal('too_large');
    const known = await this.#deps.views.acquaintances(session.user, [...new Set(users)]);
    await this.#deps.routes.add(known.map((user): RouteKey => `watch:${user}`));
    const states = await this.#statesOf(known);
    if (!session.connection.isClosed) for (const state of states) this.#note(session, state);
    return states;
  }

  unwatch(session: Session, users: readonly string[]): void {
    for (const user of users) {
      session.watched?.delete(user);
      const entry = this.#watched.get(user);
      if (entry === undefined || !entry.sessions.delete(session) || entry.sessions.size > 0) continue;
      this.#watched.delete(user);
      this.#deps.routes.remove([`watch:${user}`]);
    }
  }

  /** The bus says that a user's state has changed. */
  heard(user: string, online: boolean, lastSeenAt: number): void {
    const entry = this.#watched.get(user);
    if (entry === undefined || entry.online === online) return;
    entry.online = online;
    entry.lastSeenAt = lastSeenAt;
    const push = new SharedPush({ t: 'presence', states: [stateOf(user, online, lastSeenAt)] });
    for (const session of entry.sessions) session.push(push);
  }

  /** Renews leases and looks at the watched users again: whoever vanished without a word is found. @throws BusError · StoreError */
  async refresh(): Promise<void> {
    const sessions = [...this.#online];
    for (let start = 0; start < sessions.length; start += AT_ONCE)
      await Promise.all(sessions.slice(start, start + AT_ONCE).map((session) => this.#renew(session)));
    const users = [...this.#watched.keys()];
    for (let start = 0; start < users.length; start += AT_ONCE) {
      const states = await this.#statesOf(users.slice(start, start + AT_ONCE));
      for (const state of states) this.heard(state.user, state.online, state.lastSeenAt ?? 0);
    }
  }

  #note(session: Session, { user, online, lastSeenAt = 0 }: PresenceState): void {
    (session.watched ??= new Set()).add(user);
    const entry = this.#watched.get(user);
    if (entry !== undefined) entry.sessions.add(session);
    else this.#watched.set(user, { sessions: new Set([session]), online, lastSeenAt });
  }

  #attempt(work: Promise<void>): void {
    work.catch((error: unknown) => this.#deps.logger.debug({ err: error }, 'presence could not be told'));
  }

  #tell(user: string, online: boolean): Promise<void> {
    const { bus, clock } = this.#deps;
    return publishTo(bus, `watch:${user}`, { kind: 'presence', user, online, lastSeenAt: clock.now() });
  }

  async #renew({ user, id }: Session): Promise<void> {
    const wasOffline = await this.#deps.bus.presence.online(user, id, this.#leaseMs);
    if (wasOffline) await this.#tell(user, true);
  }

  async #end({ user, id }: Session): Promise<void> {
    const { bus, users, clock } = this.#deps;
    if (!(await bus.presence.offline(user, id))) return;
    await Promise.all([this.#tell(user, false), users.touch(user, clock.now())]);
  }

  async #statesOf(users: readonly string[]): Promise<PresenceState[]> {
    const { bus, users: store } = this.#deps;
    const [online, profiles] = await Promise.all([bus.presence.get(users), store.profiles(users)]);
    const lastSeen = new Map(profiles.map((profile) => [profile.user, profile.lastSeenAt ?? 0]));
    return users.map((user, index) => stateOf(user, online[index] === true, lastSeen.get(user) ?? 0));
  }
}

function stateOf(user: string, online: boolean, lastSeenAt: number): PresenceState {
  return online || lastSeenAt === 0 ? { user, online } : { user, online, lastSeenAt };
}
