import { backoffDelayMs, type Backoff } from './backoff.ts';
import type { Clock } from './clock.ts';

export interface RetryOptions {
  clock: Clock;
  backoff: Backoff;
  /** Ends the retrying: `until` resolves with undefined then. */
  signal: AbortSignal;
  /** Told of every failure, `attempt` counted from 1. */
  onFailure(error: unknown, attempt: number): void;
}

/** Does `work` until it succeeds. Only an aborted signal ends it without a result. */
export async function retryUntilDone<T>(work: () => Promise<T>, options: RetryOptions): Promise<T | undefined> {
  for (let attempt = 1; !options.signal.aborted; attempt++) {
    try {
      return await work();
    } catch (error) {
      options.onFailure(error, attempt);
      await options.clock.sleep(backoffDelayMs(attempt - 1, options.backoff, options.clock.random), options.signal);
    }
  }
  return undefined;
}
