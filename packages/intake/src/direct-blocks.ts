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
const STALE_AFTER_MS = 60_000;

interface Known {
  isBlocked: boolean;
  readAt: number;
}

/** Remembers who blocks whom for the direct chats in use, so that most sends need no read. */
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
    if (known === undefined || ageMs > STALE_AFTER_MS) return readPair(other, actor);
    if (ageMs > REFRESH_AFTER_MS) refresh(other, actor, known);
    return known.isBlocked;
  }

  async function readPair(user: string, actor: string): Promise<boolean> {
    const readAt = clock.monotonic();
    const isBlockedNow = await users.hasBlocked(user, actor);
    const newer = pairs.get(pairKey(user, actor));
    if (newer !== undefined && newer.readAt > readAt) return newer.isBlocked;
    pairs.set(pairKey(user, actor), { isBlocked: isBlockedNow, readAt });
    return isBlockedNow;
  }

  /** One refresh per period: the entry counts as read now, and keeps its value when reading fails. */
  function refresh(user: string, actor: string, known: Known): void {
    known.readAt = clock.monotonic();
    readPair(user, actor).catch(() => undefined);
  }

  return {
    isBlocked,
    learnPeople: (chat, people) => peopleOf.set(chat, people),
    changed: (user, other, on) => pairs.set(pairKey(user, other), { isBlocked: on, readAt: clock.monotonic() }),
  };
}

function pairKey(user: string, other: string): string {
  return `${user}\n${other}`;
}
