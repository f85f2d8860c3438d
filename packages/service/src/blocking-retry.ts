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
  const failing = new Map<string, { text: string; times: number }>();
  return {
    async run(what, work) {
      const result = await retryUntilDone(work, {
        clock,
        backoff,
        signal,
        onFailure(error) {
          const text = `${what}: ${error instanceof Error ? error.message : String(error)}`;
          // Counted over all that do the same: a thousand chats that cannot be loaded are one trouble.
          const times = (failing.get(what)?.times ?? 0) + 1;
          failing.set(what, { text, times });
          onFailure?.();
          if (isPowerOfTwo(times)) logger.warn({ err: error, what, times }, 'holding position, will try again');
        },
      });
      failing.delete(what);
      return result;
    },
    trouble: () => failing.values().next().value?.text,
  };
}

/** Failures 1, 2, 4, 8 …: enough to see it, too few to flood. */
function isPowerOfTwo(attempt: number): boolean {
  return (attempt & (attempt - 1)) === 0;
}
