/**
 * Latencies in constant memory: logarithmic buckets of 64 steps an octave, so a percentile is at most 1.6 % above
 * the true value and never below it. The maximum is exact.
 */
export class Histogram {
  readonly #counts = new Float64Array(BUCKETS);
  #count = 0;
  #maxMs = 0;
  #sumMs = 0;

  get count(): number {
    return this.#count;
  }

  get maxMs(): number {
    return this.#maxMs;
  }

  get meanMs(): number {
    return this.#count === 0 ? 0 : this.#sumMs / this.#count;
  }

  /** Negative values (a clock step) count as 0; values above 35 minutes fall into the last bucket. */
  record(ms: number): void {
    const value = ms > 0 ? ms : 0;
    this.#counts[bucketOf(Math.min(Math.ceil(value * 1000), 0x7fffffff))]! += 1;
    this.#count += 1;
    this.#sumMs += value;
    if (value > this.#maxMs) this.#maxMs = value;
  }

  /** The smallest bucket bound (ms) at or below which the share `quantile` (0–1) of the values lies; 0 when empty. */
  percentile(quantile: number): number {
    if (this.#count === 0) return 0;
    const wanted = Math.max(1, Math.ceil(quantile * this.#count));
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      seen += this.#counts[bucket]!;
      if (seen >= wanted) return Math.min(upperBoundOf(bucket) / 1000, this.#maxMs);
    }
    return this.#maxMs;
  }

  summary(): LatencySummary {
    return {
      count: this.#count,
      meanMs: this.meanMs,
      p50Ms: this.percentile(0.5),
      p99Ms: this.percentile(0.99),
      maxMs: this.#maxMs,
    };
  }
}

export interface LatencySummary {
  count: number;
  meanMs: number;
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
}

const STEPS_LOG2 = 6;
const STEPS = 1 << STEPS_LOG2;
const BUCKETS = (32 - STEPS_LOG2) * STEPS;

function bucketOf(us: number): number {
  if (us < STEPS) return us;
  const octave = 31 - Math.clz32(us) - STEPS_LOG2;
  return (octave + 1) * STEPS + ((us >>> octave) - STEPS);
}

function upperBoundOf(bucket: number): number {
  if (bucket < STEPS) return bucket;
  const octave = Math.floor(bucket / STEPS) - 1;
  return ((bucket % STEPS) + STEPS + 1) * 2 ** octave - 1;
}
