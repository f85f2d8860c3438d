import type { SentEntry } from '@garam/domain/chat-state';

/**
 * What one chat's owner remembers of decisions. The rule speaks of ages only, never of memory; so memory must be able
 * to say for any age whether it is complete. Where it is not, the store is asked.
 *
 * - Complete for everything left after `completeSince` (the chat's clock at the load, or of the newest entry dropped).
 * - Entries that are not saved yet stay, whatever their age.
 * - A key that was looked up is complete until one of its entries is dropped.
 */
export interface SentMemory {
  find(actor: string, clientId: string): readonly SentEntry[];
  /** Whether `find` knows every entry of the key left at clock ≥ `since`. */
  isComplete(actor: string, clientId: string, since: number): boolean;
  /** A decision made here; to be saved. */
  add(entry: SentEntry): void;
  /** All entries the store has for the key, asked for when the chat's clock was `clock`. */
  remember(key: { actor: string; clientId: string }, stored: readonly SentEntry[], clock: number): void;
  /** Unsaved entries with offset ≤ `throughOffset`, oldest first. */
  unsaved(throughOffset: number): SentEntry[];
  /** The `count` oldest unsaved entries are acknowledged by the store. */
  markSaved(count: number): void;
  /** Drops saved entries left before `clock`, and look-ups made before it. */
  trim(clock: number): void;
  readonly size: number;
  readonly unsavedCount: number;
}

const NONE: readonly SentEntry[] = [];
/** Dropped places at the front of the queue before it is copied. */
const COMPACT_AT = 1_024;

/** @param completeSince the chat's clock as loaded; -Infinity for a chat that never was saved. */
export function createSentMemory(completeSince: number): SentMemory {
  const decided = new Map<string, SentEntry[]>();
  const lookedUp = new Map<string, { stored: readonly SentEntry[]; clock: number }>();
  let queue: SentEntry[] = [];
  let first = 0;
  let firstUnsaved = 0;
  let completeAfter = completeSince;

  const drop = (entry: SentEntry): void => {
    const key = keyOf(entry);
    const entries = decided.get(key)!;
    if (entries.length === 1) decided.delete(key);
    else decided.set(key, entries.slice(1));
    lookedUp.delete(key);
    completeAfter = Math.max(completeAfter, entry.answeredClock);
  };
  const compact = (): void => {
    if (first < COMPACT_AT || first * 2 < queue.length) return;
    queue = queue.slice(first);
    firstUnsaved -= first;
    first = 0;
  };
  return {
    get size() {
      return queue.length - first + lookedUp.size;
    },
    get unsavedCount() {
      return queue.length - firstUnsaved;
    },
    find(actor, clientId) {
      const key = keyOf({ actor, clientId });
      const own = decided.get(key) ?? NONE;
      const stored = lookedUp.size === 0 ? NONE : (lookedUp.get(key)?.stored ?? NONE);
      if (stored.length === 0) return own;
      return own.length === 0 ? stored : [...stored, ...own];
    },
    isComplete: (actor, clientId, since) =>
      since > completeAfter || (lookedUp.size > 0 && lookedUp.has(keyOf({ actor, clientId }))),
    add(entry) {
      const key = keyOf(entry);
      const entries = decided.get(key);
      if (entries === undefined) decided.set(key, [entry]);
      else entries.push(entry);
      queue.push(entry);
    },
    remember(key, stored, clock) {
      lookedUp.set(keyOf(key), { stored, clock });
    },
    unsaved(throughOffset) {
      let end = firstUnsaved;
      while (end < queue.length && queue[end]!.offset <= throughOffset) end++;
      return queue.slice(firstUnsaved, end);
    },
    markSaved(count) {
      firstUnsaved += count;
    },
    trim(clock) {
      for (; first < firstUnsaved && queue[first]!.answeredClock < clock; first++) drop(queue[first]!);
      compact();
      for (const [key, lookup] of lookedUp) {
        if (lookup.clock >= clock) break;
        lookedUp.delete(key);
      }
    },
  };
}

/** Ids hold no control characters. */
function keyOf({ actor, clientId }: { actor: string; clientId: string }): string {
  return `${clientId}\u0000${actor}`;
}
