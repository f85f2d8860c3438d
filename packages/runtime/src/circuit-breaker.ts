import { backoffDelayMs } from './backoff.ts';
import type { Clock } from './clock.ts';

export type BreakerState = 'closed' | 'open' | 'half-open';

export interface BreakerOptions {
  clock: Clock;
  /**
   * Counts towards opening: the server is out of reach or too slow. What the caller got wrong does not, and counts as an
   * answer. Default: every error does.
   */
  isFailure?(error: unknown): boolean;
  /** Failures in a row until it opens. Default 5. */
  failuresMax?: number;
  /** Until the first probe; longer, with jitter, after every probe that failed. Default 250. */
  probeAfterMs?: number;
  /** Longest time between probes. Default 2,000. */
  probeAfterMaxMs?: number;
  onChange?(state: BreakerState): void;
}

/**
 * Keeps callers from waiting for a server that has just failed several times in a row. Closed: everything runs. Open:
 * everything is refused at once, until it is time for one probe. Half-open: the probe runs alone; its success closes.
 */
export interface Breaker {
  readonly state: BreakerState;
  /**
   * Runs the task, or refuses.
   * @throws BreakerOpen without having started the task; else whatever the task throws
   */
  run<T>(task: () => Promise<T>): Promise<T>;
}

/** Refused: the server failed a moment ago. Nothing has been asked of it. */
export class BreakerOpen extends Error {
  constructor() {
    super('the circuit breaker is open');
    this.name = 'BreakerOpen';
  }
}

export function createBreaker(options: BreakerOptions): Breaker {
  return new CountingBreaker(options);
}

class CountingBreaker implements Breaker {
  state: BreakerState = 'closed';
  readonly #options: BreakerOptions;
  #failures = 0;
  #probesFailed = 0;
  #probeAtMs = 0;
  /** Grows with every opening: what was started before says nothing about the server after. */
  #era = 0;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.state !== 'closed') this.#beginProbe();
    const era = this.#era;
    try {
      const result = await task();
      this.#succeeded(era);
      return result;
    } catch (error) {
      if (this.#options.isFailure?.(error) ?? true) this.#failed(era);
      else this.#succeeded(era);
      throw error;
    }
  }

  #beginProbe(): void {
    if (this.state === 'half-open' || this.#options.clock.monotonic() < this.#probeAtMs) throw new BreakerOpen();
    this.#become('half-open');
  }

  #succeeded(era: number): void {
    if (era !== this.#era) return;
    this.#failures = 0;
    if (this.state === 'closed') return;
    this.#probesFailed = 0;
    this.#become('closed');
  }

  #failed(era: number): void {
    if (era !== this.#era) return;
    this.#failures++;
    if (this.state === 'closed' && this.#failures < (this.#options.failuresMax ?? 5)) return;
    if (this.state === 'half-open') this.#probesFailed++;
    this.#era++;
    const { clock, probeAfterMs = 250, probeAfterMaxMs = 2_000 } = this.#options;
    const backoff = { baseMs: probeAfterMs, maxMs: Math.max(0, probeAfterMaxMs - probeAfterMs) };
    const longer = this.#probesFailed === 0 ? 0 : backoffDelayMs(this.#probesFailed, backoff, () => clock.random());
    this.#probeAtMs = clock.monotonic() + Math.min(probeAfterMs, probeAfterMaxMs) + longer;
    this.#become('open');
  }

  #become(state: BreakerState): void {
    this.state = state;
    this.#options.onChange?.(state);
  }
}
