import { LogError } from '@garam/eventlog/event-log';
import { backoffDelayMs } from '@garam/runtime/backoff';
import type { Clock } from '@garam/runtime/clock';
import { StoreError } from '@garam/store/store';

/** Does the work, again and again while a server is out of reach, until it has been so for too long. */
export type Patiently = <T>(what: string, work: () => Promise<T>) => Promise<T>;

const BACKOFF = { baseMs: 100, maxMs: 5_000 };

/** The work must be repeatable: its outcome may have been unknown. */
export function createPatience(clock: Clock, patienceMs: number): Patiently {
  return async (what, work) => {
    const dueMs = clock.monotonic() + patienceMs;
    for (let attempt = 0; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        const isAway = error instanceof StoreError || error instanceof LogError;
        if (!isAway || clock.monotonic() > dueMs) throw new Error(`${what}: ${textOf(error)}`, { cause: error });
        await clock.sleep(BACKOFF.baseMs + backoffDelayMs(attempt, BACKOFF, () => clock.random()));
      }
    }
  };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
