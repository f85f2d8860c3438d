import type { Clock } from '@garam/runtime/clock';

/**
 * Merges work over time: at most one close per window length, one at a time. After a pause the first one closes at
 * once, so that a single receipt is not held back.
 */
export interface Window {
  /** Makes sure the window closes soon; resolves when it has. */
  open(): Promise<void>;
  /** Closes now, after a close under way. */
  closeNow(): Promise<void>;
}

export interface WindowOptions {
  clock: Clock;
  signal: AbortSignal;
  lengthMs: number;
  /** Must not reject. */
  close(): Promise<void>;
}

export function createWindow({ clock, signal, lengthMs, close }: WindowOptions): Window {
  let lastClosedAt = Number.NEGATIVE_INFINITY;
  let opened: Promise<void> | undefined;
  let tail: Promise<void> = Promise.resolve();

  const closeNow = (): Promise<void> => {
    tail = tail.then(() => {
      lastClosedAt = clock.monotonic();
      return signal.aborted ? undefined : close();
    });
    return tail;
  };
  return {
    closeNow,
    open() {
      opened ??= clock.sleep(Math.max(0, lastClosedAt + lengthMs - clock.monotonic()), signal).then(() => {
        opened = undefined;
        return closeNow();
      });
      return opened;
    },
  };
}
