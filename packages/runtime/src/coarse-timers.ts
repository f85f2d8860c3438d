import type { Cancel, Clock } from './clock.ts';

/** Many deadlines on one interval, for deadlines per request of which nearly all are cancelled. */
export interface CoarseTimers {
  /** Runs `task` once, never before `delayMs` have passed and at most two resolutions later. */
  add(delayMs: number, task: () => void): Cancel;
  /** Tasks waiting now. */
  size(): number;
  /** Forgets all tasks. */
  stop(): void;
}

/** The interval runs only while something waits. Default resolution 50 ms. */
export function createCoarseTimers(clock: Clock, resolutionMs = 50): CoarseTimers {
  const buckets = new Map<number, Set<{ task: () => void }>>();
  let waiting = 0;
  let doneTick = 0;
  let stopTicking: Cancel | undefined;

  function add(delayMs: number, task: () => void): Cancel {
    const now = clock.monotonic();
    if (stopTicking === undefined) {
      doneTick = Math.floor(now / resolutionMs);
      stopTicking = clock.every(resolutionMs, tick);
    }
    // A deadline in the past, or now, belongs to the next tick: one that is done never comes again.
    const due = Math.max(doneTick + 1, Math.ceil((now + delayMs) / resolutionMs));
    let bucket = buckets.get(due);
    if (bucket === undefined) buckets.set(due, (bucket = new Set()));
    const entry = { task };
    bucket.add(entry);
    waiting++;
    return () => {
      if (bucket.delete(entry)) waiting--;
    };
  }

  function tick(): void {
    const nowTick = Math.floor(clock.monotonic() / resolutionMs);
    while (doneTick < nowTick) {
      doneTick++;
      const bucket = buckets.get(doneTick);
      if (bucket === undefined) continue;
      buckets.delete(doneTick);
      for (const entry of bucket) {
        bucket.delete(entry);
        waiting--;
        entry.task();
      }
    }
    if (waiting === 0) stop();
  }

  function stop(): void {
    stopTicking?.();
    stopTicking = undefined;
    buckets.clear();
    waiting = 0;
  }

  return { add, size: () => waiting, stop };
}
