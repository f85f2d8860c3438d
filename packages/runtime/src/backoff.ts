export interface Backoff {
  baseMs: number;
  maxMs: number;
}

/** Full jitter: a random delay in [0, min(max, base · 2^attempt)), `attempt` counted from 0. */
export function backoffDelayMs(attempt: number, { baseMs, maxMs }: Backoff, random: () => number): number {
  return random() * Math.min(maxMs, baseMs * 2 ** Math.min(attempt, 30));
}
