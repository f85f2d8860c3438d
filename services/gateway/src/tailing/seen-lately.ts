import type { MembershipChange } from '@garam/bus/bus';
import type { Clock } from '@garam/runtime/clock';

/** What was read of the log, remembered for those who come just afterwards, as the bus does otherwise. */
export interface SeenLately {
  note(chat: string, rev: number): void;
  noteChange(user: string, change: MembershipChange): void;
  /** 0: nothing lately. */
  rev(chat: string): number;
  changes(user: string): readonly MembershipChange[];
  clear(): void;
}

/** Kept for one to two of these: far longer than the persister takes. */
const GENERATION_MS = 30_000;
/** Of a generation; beyond it begins anew, and the periodic comparison finds what is forgotten. */
const CHATS_MAX = 50_000;
const CHANGES_PER_USER = 64;

interface Generation {
  revs: Map<string, number>;
  changes: Map<string, MembershipChange[]>;
}

export function createSeenLately(clock: Clock): SeenLately {
  let older = newGeneration();
  let newer = newGeneration();
  let begunAt = clock.monotonic();

  function turn(): void {
    const now = clock.monotonic();
    const isFull = newer.revs.size >= CHATS_MAX || newer.changes.size >= CHATS_MAX;
    if (!isFull && now - begunAt < GENERATION_MS) return;
    older = newer;
    newer = newGeneration();
    begunAt = now;
  }

  return {
    note(chat, rev) {
      turn();
      if (rev > (newer.revs.get(chat) ?? 0)) newer.revs.set(chat, rev);
    },
    noteChange(user, change) {
      const known = newer.changes.get(user);
      if (known === undefined) newer.changes.set(user, [change]);
      else if (known.push(change) > CHANGES_PER_USER) known.shift();
    },
    rev: (chat) => Math.max(older.revs.get(chat) ?? 0, newer.revs.get(chat) ?? 0),
    changes: (user) => [...(older.changes.get(user) ?? []), ...(newer.changes.get(user) ?? [])],
    clear() {
      older = newGeneration();
      newer = newGeneration();
    },
  };
}

function newGeneration(): Generation {
  return { revs: new Map(), changes: new Map() };
}
