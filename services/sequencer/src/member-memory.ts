import type { MemberTimeline } from '@garam/domain/chat-state';
import type { MemberRows } from '@garam/domain/decide';

/** What one chat's owner knows of its members: rows read from the store or changed here. */
export interface MemberMemory extends MemberRows {
  /** Whether `get` can answer; if not, the store must be asked. */
  knows(user: string): boolean;
  /** The store's answer for the users; rows changed here meanwhile are kept. */
  remember(users: readonly string[], stored: readonly MemberTimeline[]): void;
  /** A row changed by a decision at the chat's `clock`. */
  change(timeline: MemberTimeline, clock: number): void;
  /** Changed rows not acknowledged by the store, with the clock of their change. */
  readonly dirty: ReadonlyMap<string, number>;
  /** The row as written, with the changes up to `clock`, is acknowledged. */
  markSaved(written: MemberTimeline, clock: number): void;
  /** Drops clean rows, oldest first, until at most `max` are left. */
  trim(max: number): void;
  readonly size: number;
}

/** @param isComplete whether the chat never was saved: then whoever is not here has no row. */
export function createMemberMemory(isComplete: boolean): MemberMemory {
  /** null: known to have no row. */
  const rows = new Map<string, MemberTimeline | null>();
  const dirty = new Map<string, number>();
  let complete = isComplete;
  return {
    dirty,
    get size() {
      return rows.size;
    },
    get: (user) => rows.get(user) ?? undefined,
    knows: (user) => complete || rows.has(user),
    remember(users, stored) {
      for (const user of users) if (!rows.has(user)) rows.set(user, null);
      for (const row of stored) if (!dirty.has(row.user)) rows.set(row.user, row);
    },
    change(timeline, clock) {
      rows.set(timeline.user, timeline);
      dirty.set(timeline.user, clock);
    },
    markSaved(written, clock) {
      if (dirty.get(written.user) !== clock) return;
      dirty.delete(written.user);
      rows.set(written.user, written);
    },
    trim(max) {
      for (const user of rows.keys()) {
        if (rows.size <= max) return;
        if (dirty.has(user)) continue;
        rows.delete(user);
        complete = false;
      }
    },
  };
}
