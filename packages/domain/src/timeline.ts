import type { Role } from '@garam/contracts/chat-values';
import type { MemberTimeline, TimelineEntry } from './chat-state.ts';

/**
 * A member row may be newer than the chat's state: rows are saved first, and another owner of the partition may be
 * ahead. So a row is never asked what the user is *now*, only what the user is at an offset.
 */

/** The store is ahead of this chat's state in memory: drop it, load it again, skip what it covers. */
export class StoreAhead extends Error {
  constructor(user: string, offset: number) {
    super(`the row of a member no longer reaches back to offset ${offset}`);
    this.name = 'StoreAhead';
    this.user = user;
  }
  readonly user: string;
}

/**
 * The role as the command at `offset` finds it: entries of earlier commands count, later ones are of the future.
 * @throws StoreAhead the entry in effect has been dropped.
 */
export function roleAt(timeline: MemberTimeline | undefined, offset: number): Role | null {
  if (timeline === undefined) return null;
  const entry = timeline.entries.findLast((candidate) => candidate.offset < offset);
  if (entry !== undefined) return entry.role;
  if (timeline.trimmed) throw new StoreAhead(timeline.user, offset);
  return null;
}

/** The row with the role from `offset` on. Entries of the future stay: they were saved by who decided them. */
export function withRole(
  timeline: MemberTimeline | undefined,
  { user, role, offset }: { user: string } & TimelineEntry,
): MemberTimeline {
  const entries = timeline?.entries ?? [];
  const before = entries.filter((entry) => entry.offset < offset);
  const after = entries.filter((entry) => entry.offset > offset);
  return { user, entries: [...before, { offset, role }, ...after], trimmed: timeline?.trimmed ?? false };
}

/**
 * The row without what nobody can need any more.
 * @param savedOffset `lastOffset` of the chat's state that the store has acknowledged last: every owner starts there or
 *   later, so only entries before the one in effect there may go.
 */
export function trimTimeline(timeline: MemberTimeline, savedOffset: number): MemberTimeline {
  const inEffect = timeline.entries.findLastIndex((entry) => entry.offset <= savedOffset);
  return inEffect <= 0 ? timeline : { ...timeline, entries: timeline.entries.slice(inEffect), trimmed: true };
}
