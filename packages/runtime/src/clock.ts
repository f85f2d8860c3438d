/**
 * The only source of time and of waiting for services, adapters and the edge, so that a simulation or a test can
 * own it. Nothing outside `system-clock.ts` calls Date.now, setTimeout or setImmediate.
 */
export interface Clock {
  /** Wall clock, ms since the epoch. */
  now(): number;
  /** Monotonic ms, for durations. */
  monotonic(): number;
  /** Runs `task` once after `delayMs`; returns a way to cancel it. The timer does not keep the process alive. */
  after(delayMs: number, task: () => void): Cancel;
  /** Runs `task` every `intervalMs` until cancelled. */
  every(intervalMs: number, task: () => void): Cancel;
  /** Runs `task` after the current turn of the event loop: the place where work of one tick is batched. */
  endOfTurn(task: () => void): void;
  /** Resolves after `delayMs`, early when `signal` aborts (never rejects). */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
  /** In [0, 1): for jitter only, never for identity. */
  random(): number;
}

export type Cancel = () => void;
