import type { Clock } from '@garam/runtime/clock';

/**
 * The log's clock as seen from here. An append called at `a` and acknowledged at `b` with the log's time `t` bounds the
 * difference between the clocks: t − b ≤ difference ≤ t − a. The narrowest bound of the last minute counts; where it
 * contains 0 the clocks are taken as equal.
 */
export interface LogClock {
  /** A local wall-clock time in the log's time. */
  toLogTime(localMs: number): number;
  acknowledged(calledAtMs: number, logTimeMs: number): void;
  /** Largest possible difference between `toLogTime` and the truth plus the difference corrected for; null: not known yet. */
  uncertaintyMs(): number | null;
}

const BOUND_AGE_MAX_MS = 60_000;

export function createLogClock(deps: { clock: Clock }): LogClock {
  let low = 0;
  let high = 0;
  let measuredAt: number | null = null;
  return {
    toLogTime: (localMs) => (low <= 0 && high >= 0 ? localMs : Math.round(localMs + (low + high) / 2)),
    acknowledged(calledAtMs, logTimeMs) {
      const now = deps.clock.now();
      const isNarrower = now - calledAtMs < high - low;
      if (measuredAt !== null && !isNarrower && now - measuredAt < BOUND_AGE_MAX_MS) return;
      low = logTimeMs - now;
      high = logTimeMs - calledAtMs;
      measuredAt = now;
    },
    uncertaintyMs: () => (measuredAt === null ? null : high - low),
  };
}
