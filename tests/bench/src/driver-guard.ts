import { Histogram } from '@garam/tests-driver/histogram';

/** How busy the driver itself was; a saturated driver measures itself. */
export interface DriverLoad {
  lagP99Ms: number;
  /** Share of one core, 0–1 (threads of the runtime may take it above 1). */
  cpuShare: number;
  saturated: boolean;
}

/** Watches the scheduler's ticks: what a tick is late, every figure of that moment may be late. */
export class DriverGuard {
  readonly #lag = new Histogram();
  #lastTick = 0;
  #startedAt = 0;
  #cpuAtStart = process.cpuUsage();

  start(now: number): void {
    this.#startedAt = now;
    this.#lastTick = now;
    this.#cpuAtStart = process.cpuUsage();
  }

  /** To be called on every tick of a timer set to `TICK_MS`. */
  tick(now: number): void {
    this.#lag.record(now - this.#lastTick - TICK_MS);
    this.#lastTick = now;
  }

  finish(now: number): DriverLoad {
    const cpu = process.cpuUsage(this.#cpuAtStart);
    const cpuShare = (cpu.user + cpu.system) / 1000 / Math.max(1, now - this.#startedAt);
    const lagP99Ms = this.#lag.percentile(0.99);
    return { lagP99Ms, cpuShare, saturated: lagP99Ms > LAG_P99_MAX_MS || cpuShare > CPU_SHARE_MAX };
  }
}

export const TICK_MS = 1;
const LAG_P99_MAX_MS = 5;
const CPU_SHARE_MAX = 0.9;
