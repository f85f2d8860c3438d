import type { Clock } from '@garam/runtime/clock';
import type { UserStore } from '@garam/store/user-store';
import { createBoundedMap } from '@garam/views/bounded-map';

export interface DirectBlocks {
  /** Whether the other person of a direct chat does not accept messages from `actor`. A promise where it must be read. */
  isBlocked(chat: string, actor: string): boolean | Promise<boolean>;
  /** The people of a direct chat never change. */
  learnPeople(chat: string, people: readonly string[]): void;
  changed(user: string, other: string, on: boolean): void;
}

export interface DirectBlocksDeps {
  users: Pick<UserStore, 'hasBlocked'>;
  clock: Clock;
  /** Members of the chat, waiting for the persister where the chat is too new; empty: no such chat. */
  readPeople(chat: string): Promise<string[]>;
}

const CHATS_MAX = 50_000;
const PAIRS_MAX = 100_000;
/** Answers this old are still used, but read again meanwhile. */
const REFRESH_AFTER_MS = 5_000;
/** Older ones are read again first. */
const STALE_AFTER_MS = 60_000;
/** Where that is not possible, answers up to this age are used. */
const LAST_RESORT_AGE_MS = 600_000;

interface Known {
  isBlocked: boolean;
  readAt: number;
  /** Monotonic ms: a read, whatever its result, was begun last. */
  triedAt: number;
}

/**
 * Remembers who blocks whom for the direct chats in use, so that most sends need no read, and an outage of the store does
 * not stop them: for ten minutes what was read last holds (nobody can block anybody meanwhile, and changes made
 * elsewhere are told over the bus as well). After that, and for chats not in use before, the answer is `unavailable`.
 */
export function createDirectBlocks(deps: DirectBlocksDeps): DirectBlocks {
  const { users, clock } = deps;
  const peopleOf = createBoundedMap<string, readonly string[]>(CHATS_MAX);
  const pairs = createBoundedMap<string, Known>(PAIRS_MAX);

  function isBlocked(chat: string, actor: string): boolean | Promise<boolean> {
    const people = peopleOf.get(chat);
    return people === undefined ? readChat(chat, actor) : amongPeople(people, actor);
  }

  async function readChat(chat: string, actor: string): Promise<boolean> {
    const people = await deps.readPeople(chat);
    if (people.length === 0) return false;
    peopleOf.set(chat, people);
    return amongPeople(people, actor);
  }

  function amongPeople(people: readonly string[], actor: string): boolean | Promise<boolean> {
    const other = people.find((user) => user !== actor);
    if (other === undefined || !people.includes(actor)) return false;
    const known = pairs.get(pairKey(other, actor));
    const ageMs = known === undefined ? Infinity : clock.monotonic() - known.readAt;
    if (known === undefined || ageMs > STALE_AFTER_MS) return readStale(other, actor, known);
    if (ageMs > REFRESH_AFTER_MS) refresh(other, actor, known);
    return known.isBlocked;
  }

  async function readStale(user: string, actor: string, known: Known | undefined): Promise<boolean> {
    try {
      return await readPair(user, actor);
    } catch (error) {
      if (known === undefined || clock.monotonic() - known.readAt > LAST_RESORT_AGE_MS) throw error;
      return known.isBlocked;
    }
  }

  async function readPair(user: string, actor: string): Promise<boolean> {
    const readAt = clock.monotonic();
    const isBlockedNow = await users.hasBlocked(user, actor);
    const newer = pairs.get(pairKey(user, actor));
    if (newer !== undefined && newer.readAt > readAt) return newer.isBlocked;
    pairs.set(pairKey(user, actor), { isBlocked: isBlockedNow, readAt, triedAt: readAt });
    return isBlockedNow;
  }

  /** One refresh per period, whether it works or not. */
  function refresh(user: string, actor: string, known: Known): void {
    const now = clock.monotonic();
    if (now - known.triedAt < REFRESH_AFTER_MS) return;
    known.triedAt = now;
    readPair(user, actor).catch(() => undefined);
  }

  return {
    isBlocked,
    learnPeople: (chat, people) => peopleOf.set(chat, people),
    changed(user, other, on) {
      const now = clock.monotonic();
      pairs.set(pairKey(user, other), { isBlocked: on, readAt: now, triedAt: now });
    },
  };
}

function pairKey(user: string, other: string): string {
  return `${user}\n${other}`;
}
