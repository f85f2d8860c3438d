import type { Backoff } from '@garam/runtime/backoff';
import type { Clock } from '@garam/runtime/clock';
import { retryUntilDone } from '@garam/runtime/retry';
import type { Logger } from '@garam/telemetry/logger';

export interface BlockingRetry {
  /** Repeats `work` until it succeeds; undefined when the assignment ended first. */
  run<T>(what: string, work: () => Promise<T>): Promise<T | undefined>;
  /** What is failing at present; undefined when nothing is. */
  trouble(): string | undefined;
}

export interface BlockingRetryOptions {
  signal: AbortSignal;
  clock: Clock;
  logger: Logger;
  backoff: Backoff;
  onFailure?(): void;
}

/** How consumers meet infrastructure errors: they hold their position and go on trying; they never skip. */
export function createBlockingRetry({
  signal,
  clock,
  logger,
  backoff,
  onFailure,
}: BlockingRetryOptions): BlockingRetry {
  const failing = new Map<string, string>();
  return {
    async run(what, work) {
      const result = await retryUntilDone(work, {
        clock,
        backoff,
        signal,
        onFailure(error, attempt) {
          failing.set(what, `${what}: ${error instanceof Error ? error.message : String(error)}`);
          onFailure?.();
          if (isPowerOfTwo(attempt)) logger.warn({ err: error, what, attempt }, 'holding position, will try again');
        },
      });
      failing.delete(what);
      return result;
    },
    trouble: () => failing.values().next().value,
  };
}

/** Attempts 1, 2, 4, 8 …: enough to see it, too few to flood. */
function isPowerOfTwo(attempt: number): boolean {
  return (attempt & (attempt - 1)) === 0;
}
