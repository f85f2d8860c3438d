import type { SendRecord } from '../evidence.ts';
import type { Fault } from './fault-plan.ts';

/** When a fault began, was taken back, and was over for everybody; ms of one monotonic clock. */
export interface FaultTimes {
  beganAt: number;
  endedAt: number;
  recoveredAt: number;
}

/** What a fault met and what it cost. */
export interface FaultMeasure {
  /** Sends under way at some moment between its begin and its end: written, and not yet acknowledged. */
  inFlight: number;
  /** Longest time from the first writing of such a send, or of one until the recovery, to its `ok`. */
  longestStallMs: number;
}

export function measureFault(
  { kind }: Pick<Fault, 'kind'>,
  { beganAt, endedAt, recoveredAt }: FaultTimes,
  sends: readonly SendRecord[],
): FaultMeasure {
  // To forget takes Redis a millisecond; what it has forgotten is missing until it is written again.
  const metUntil = kind === 'flush' ? recoveredAt : endedAt;
  const measure = { inFlight: 0, longestStallMs: 0 };
  for (const { outcome, firstWrittenAt, ackedAt } of sends) {
    if (outcome === 'refused' || firstWrittenAt === null || firstWrittenAt > recoveredAt) continue;
    const until = ackedAt ?? Infinity;
    if (until < beganAt) continue;
    if (firstWrittenAt <= metUntil) measure.inFlight += 1;
    measure.longestStallMs = Math.max(measure.longestStallMs, until - firstWrittenAt);
  }
  return measure;
}
