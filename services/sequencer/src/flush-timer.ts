import type { Clock } from '@garam/runtime/clock';

/** When flushes happen: some time after the first change, one at a time. */
export interface FlushTimer {
  /** Something is to be flushed soon. */
  arm(): void;
  /** Flushes now, after a running one. Resolves when done. */
  now(): Promise<void>;
}

export interface FlushTimerOptions {
  intervalMs: number;
  clock: Clock;
  signal: AbortSignal;
  flush(): Promise<void>;
}

export function createFlushTimer({ intervalMs, clock, signal, flush }: FlushTimerOptions): FlushTimer {
  let isArmed = false;
  let tail: Promise<void> = Promise.resolve();
  let isQueued = false;

  const now = (): Promise<void> => {
    if (isQueued) return tail;
    isQueued = true;
    tail = tail.then(() => {
      isQueued = false;
      return signal.aborted ? undefined : flush();
    });
    return tail;
  };
  return {
    arm() {
      if (isArmed || signal.aborted) return;
      isArmed = true;
      clock.after(intervalMs, () => {
        isArmed = false;
        void now();
      });
    },
    now,
  };
}
