import type { Bus, RouteKey } from '@garam/bus/bus';
import { Refusal } from '@garam/protocol/errors';
import type { PresenceState } from '@garam/protocol/entities';
import { PRESENCE_WATCH_MAX } from '@garam/protocol/limits';
import type { Clock } from '@garam/runtime/clock';
import type { UserStore } from '@garam/store/user-store';
import type { Logger } from '@garam/telemetry/logger';
import type { Views } from '@garam/views/views';
import type { RouteTable } from '../delivery/route-table.ts';
import { publishTo } from '../publish.ts';
import type { Session } from '../session/session.ts';
import { SharedPush } from '../shared-push.ts';

export interface Presence {
  /** The session counts as online from now on; renewed until `leave`. */
  enter(session: Session): void;
  leave(session: Session): void;
  watch(session: Session, users: readonly string[]): Promise<PresenceState[]>;
  unwatch(session: Session, users: readonly string[]): void;
  /** The bus says that a watched user's state has changed. */
  heard(user: string, online: boolean, lastSeenAt: number): void;
  /** Renews leases and looks at the watched users again: whoever vanished without a word is found. */
  refresh(): Promise<void>;
}

export interface PresenceDeps {
  bus: Bus;
  users: UserStore;
  views: Pick<Views, 'acquaintances'>;
  clock: Clock;
  logger: Logger;
  routes: RouteTable;
}

interface Watched {
  sessions: Set<Session>;
  online: boolean;
  lastSeenAt: number;
}

const USERS_AT_ONCE = 500;

export function createPresence(deps: PresenceDeps, options: { leaseMs: number }): Presence {
  const { bus, clock, logger } = deps;
  const online = new Set<Session>();
  const watched = new Map<string, Watched>();

  /** Presence is a hint: what fails now is put right by the next refresh. */
  function attempt(work: Promise<void>): void {
    work.catch((error: unknown) => logger.debug({ err: error }, 'presence could not be told'));
  }

  function tell(user: string, isOnline: boolean): Promise<void> {
    const key: RouteKey = `watch:${user}`;
    return publishTo(bus, key, { kind: 'presence', user, online: isOnline, lastSeenAt: clock.now() });
  }

  async function renew(session: Session): Promise<void> {
    const wasOffline = await bus.presence.online(session.user, session.id, options.leaseMs);
    if (wasOffline) await tell(session.user, true);
  }

  async function end(session: Session): Promise<void> {
    if (!(await bus.presence.offline(session.user, session.id))) return;
    await Promise.all([tell(session.user, false), deps.users.touch(session.user, clock.now())]);
  }

  async function statesOf(users: readonly string[]): Promise<PresenceState[]> {
    const [isOnline, profiles] = await Promise.all([bus.presence.get(users), deps.users.profiles(users)]);
    const lastSeen = new Map(profiles.map((profile) => [profile.user, profile.lastSeenAt ?? 0]));
    return users.map((user, index) => stateOf(user, isOnline[index] === true, lastSeen.get(user) ?? 0));
  }

  function note(user: string, isOnline: boolean, lastSeenAt: number): void {
    const entry = watched.get(user);
    if (entry === undefined || entry.online === isOnline) return;
    entry.online = isOnline;
    entry.lastSeenAt = lastSeenAt;
    const push = new SharedPush({ t: 'presence', states: [stateOf(user, isOnline, lastSeenAt)] });
    for (const session of entry.sessions) session.push(push);
  }

  function drop(session: Session, user: string): void {
    session.watched?.delete(user);
    const entry = watched.get(user);
    if (entry === undefined || !entry.sessions.delete(session) || entry.sessions.size > 0) return;
    watched.delete(user);
    deps.routes.remove([`watch:${user}`]);
  }

  return {
    enter(session) {
      online.add(session);
      attempt(renew(session));
    },
    leave(session) {
      for (const user of session.connection.isClosed ? (session.watched ?? []) : []) drop(session, user);
      if (online.delete(session)) attempt(end(session));
    },
    async watch(session, users) {
      const wanted = session.watched ?? new Set<string>();
      if (new Set([...wanted, ...users]).size > PRESENCE_WATCH_MAX) throw new Refusal('too_large');
      const known = await deps.views.acquaintances(session.user, [...new Set(users)]);
      await deps.routes.add(known.map((user): RouteKey => `watch:${user}`));
      const states = await statesOf(known);
      if (session.connection.isClosed) return states;
      for (const state of states) {
        (session.watched ??= new Set()).add(state.user);
        const entry = watched.get(state.user);
        if (entry !== undefined) entry.sessions.add(session);
        else
          watched.set(state.user, {
            sessions: new Set([session]),
            online: state.online,
            lastSeenAt: state.lastSeenAt ?? 0,
          });
      }
      return states;
    },
    unwatch(session, users) {
      for (const user of users) drop(session, user);
    },
    heard: note,
    async refresh() {
      const sessions = [...online];
      for (let start = 0; start < sessions.length; start += USERS_AT_ONCE)
        await Promise.all(sessions.slice(start, start + USERS_AT_ONCE).map(renew));
      const users = [...watched.keys()];
      for (let start = 0; start < users.length; start += USERS_AT_ONCE) {
        const states = await statesOf(users.slice(start, start + USERS_AT_ONCE));
        for (const state of states) note(state.user, state.online, state.lastSeenAt ?? 0);
      }
    },
  };
}

function stateOf(user: string, online: boolean, lastSeenAt: number): PresenceState {
  return online || lastSeenAt === 0 ? { user, online } : { user, online, lastSeenAt };
}
