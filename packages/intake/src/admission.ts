import type { Clock } from '@garam/runtime/clock';

/**
 * How many commands may wait for their answer. By Little's law, waiting = rate × delay: where answers stand in a queue
 * longer than the target, the limit is set to what the pipeline really answers per second times the target, and the
 * rest is refused at once, which costs little. So at twice the highest healthy rate the server keeps its rate. A queue
 * counts as standing when even the *shortest* delay of two windows in a row is above the target (as in CoDel): a single
 * pause is no overload. Afterwards the limit grows again, slowly near the target.
 */
export interface Admission {
  admits(waiting: number): boolean;
  answered(delayMs: number): void;
  /** Ends a window; called about every 100 ms. `oldestAgeMs`: how long the oldest command has been waiting. */
  tick(waiting: number, oldestAgeMs: number): void;
  readonly limit: number;
}

export interface AdmissionOptions {
  waitingMax: number;
  delayTargetMs: number;
  /** Never limits below this: enough to find out that things are better. */
  waitingMin: number;
}

const RATE_SMOOTHING = 0.3;

export function createAdmission(deps: { clock: Clock }, options: AdmissionOptions): Admission {
  const { waitingMax, delayTargetMs, waitingMin } = options;
  let limit = waitingMax;
  let windowFrom = deps.clock.monotonic();
  let answered = 0;
  let shortestMs = Infinity;
  let ratePerMs = 0;
  let slowWindows = 0;

  function tick(waiting: number, oldestAgeMs: number): void {
    const now = deps.clock.monotonic();
    const elapsedMs = Math.max(1, now - windowFrom);
    const delayMs = answered > 0 ? shortestMs : waiting > 0 ? oldestAgeMs : 0;
    ratePerMs += RATE_SMOOTHING * (answered / elapsedMs - ratePerMs);
    slowWindows = delayMs > delayTargetMs ? slowWindows + 1 : 0;
    if (slowWindows >= 2) limit = bounded(ratePerMs * delayTargetMs);
    else if (limit < waitingMax && slowWindows === 0)
      limit = bounded(limit * (delayMs < delayTargetMs / 2 ? 1.2 : 1.02) + 1);
    windowFrom = now;
    answered = 0;
    shortestMs = Infinity;
  }

  const bounded = (value: number) => Math.min(waitingMax, Math.max(waitingMin, Math.floor(value)));

  return {
    admits: (waiting) => waiting < limit,
    answered(delayMs) {
      answered += 1;
      if (delayMs < shortestMs) shortestMs = delayMs;
    },
    tick,
    get limit() {
      return limit;
    },
  };
}
