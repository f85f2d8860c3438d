import type { ChatState, SentEntry } from './chat-state.ts';

/** W: how long a first attempt is recognised as a repetition, µs of the chat's clock. */
export const FIRST_ATTEMPT_AGE_US = 2 * 60 * 1_000_000;
/** How long a later attempt is, µs of the chat's clock. The wire announces it as `retryDays`. */
export const RETRY_AGE_US = 6 * 24 * 60 * 60 * 1_000_000;
/** W/2: between an edge reading a frame and its record standing in the log, ms. Later is a late copy. */
export const LATE_MS = 60_000;

/** The chat's time at the next command: the log's, but never standing still or going back. */
export function nextClock(state: ChatState, timestamp: number): number {
  return Math.max(state.clock + 1, timestamp * 1000);
}

/** Whether the entry is young enough to answer an attempt of this number. */
export function isYoung(entry: SentEntry, attempt: number, clock: number): boolean {
  return clock - entry.answeredClock <= (attempt >= 2 ? RETRY_AGE_US : FIRST_ATTEMPT_AGE_US);
}

/** Whether the record came so late that it may be a copy whose entry is forgotten. */
export function isLate(sentAt: number, timestamp: number): boolean {
  return timestamp - sentAt > LATE_MS;
}
