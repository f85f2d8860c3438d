import type { ChatState, MemberTimeline, SentEntry } from '@garam/domain/chat-state';

/** Offsets of an embedded log are below it, and what was moved before stays in the range of exact integers. */
const SHIFT = 2 ** 40;

/**
 * Positions of an old log as positions before the first of a new one: below zero, in the same order. Every command of the
 * new log comes after all of them, and none can be taken for one that was decided already. A constant, so that moving
 * the same rows again gives the same rows.
 */
export function rebaseState(state: ChatState): ChatState {
  return { ...state, lastOffset: rebased(state.lastOffset) };
}

export function rebaseTimeline(timeline: MemberTimeline): MemberTimeline {
  return { ...timeline, entries: timeline.entries.map((entry) => ({ ...entry, offset: rebased(entry.offset) })) };
}

export function rebaseSent(entry: SentEntry): SentEntry {
  return { ...entry, offset: rebased(entry.offset) };
}

/** @throws RangeError a position that cannot be one of an embedded log */
function rebased(offset: number): number {
  const moved = offset - SHIFT;
  if (moved >= 0 || !Number.isSafeInteger(moved)) throw new RangeError(`offset ${offset} cannot be moved below zero`);
  return moved;
}
