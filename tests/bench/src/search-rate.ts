import { runOpenLoop } from './open-loop.ts';
import type { LoadOptions, LoadResult } from './open-loop.ts';
import type { Population } from './population.ts';

export interface SearchResult {
  probes: { rate: number; healthy: boolean; result: LoadResult }[];
  /** The highest rate (messages per second) that was healthy; 0 when none was. */
  healthyRate: number;
  /** The driver gave up before the server: the true rate is higher and the overload says nothing. */
  driverLimited: boolean;
  overload: LoadResult | null;
}

/** Raises the rate until it is no longer healthy, narrows down, then offers twice the highest healthy rate. */
export async function searchRate(
  population: Population,
  base: Omit<LoadOptions, 'rate' | 'warmUpMs' | 'measureMs'> & { overloadMs: number },
  say: (line: string) => void,
): Promise<SearchResult> {
  const probes: SearchResult['probes'] = [];
  const probeOnce = async (rate: number): Promise<boolean> => {
    const times = { warmUpMs: 1000, measureMs: 3000 };
    const result = await runOpenLoop(population, { ...base, ...times, rate, seed: base.seed + probes.length });
    const healthy = isHealthy(result);
    probes.push({ rate, healthy, result });
    say(probeLine(rate, healthy, result));
    return healthy;
  };
  // One disturbance from outside must not decide a rate: unhealthy is what is unhealthy twice.
  const probe = async (rate: number): Promise<boolean> => (await probeOnce(rate)) || (await probeOnce(rate));
  let low = 0;
  let high = FIRST_RATE;
  while (high <= RATE_MAX && (await probe(high))) {
    low = high;
    high = Math.round(high * GROWTH);
  }
  while (low === 0 && high > RATE_MIN) {
    if (await probe(Math.round(high / 2))) low = Math.round(high / 2);
    else high = Math.round(high / 2);
  }
  for (let i = 0; i < NARROWINGS && low > 0; i += 1) {
    const middle = Math.round(Math.sqrt(low * high));
    if (await probe(middle)) low = middle;
    else high = middle;
  }
  const driverLimited = probes.some(({ rate, result }) => rate === high && result.driver.saturated);
  if (low === 0) return { probes, healthyRate: 0, driverLimited, overload: null };
  say(`  highest healthy rate ${low}/s; now offering ${2 * low}/s`);
  const times = { warmUpMs: 2000, measureMs: base.overloadMs };
  const overload = await runOpenLoop(population, { ...base, ...times, rate: 2 * low });
  return { probes, healthyRate: low, driverLimited, overload };
}

function probeLine(rate: number, healthy: boolean, result: LoadResult): string {
  const { ack, acceptedPerSecond, refusedPerSecond, driver, othersCpuShare } = result;
  const parts = [
    `  ${rate}/s: ${healthy ? 'healthy' : 'not healthy'}`,
    `ack p99 ${ack.p99Ms.toFixed(1)} ms`,
    `accepted ${acceptedPerSecond.toFixed(0)}/s`,
    `refused ${refusedPerSecond.toFixed(0)}/s`,
  ];
  if (driver.saturated) parts.push('driver saturated');
  if ((othersCpuShare ?? 0) > 0.1) parts.push(`others took ${(othersCpuShare! * 100).toFixed(0)} % of a core`);
  return parts.join(', ');
}

/** No error, no loss, acknowledged within 100 ms at the 99th percentile. */
export function isHealthy(result: LoadResult): boolean {
  return (
    result.ack.p99Ms < ACK_P99_MAX_MS &&
    result.ack.count > 0 &&
    result.refusal.count === 0 &&
    Object.keys(result.refusals).length === 0 &&
    Object.keys(result.faults).length === 0 &&
    result.lost + result.duplicated + result.reordered + result.unanswered === 0 &&
    !result.driver.saturated
  );
}

export const ACK_P99_MAX_MS = 100;
const FIRST_RATE = 2000;
const RATE_MIN = 200;
const RATE_MAX = 40_000;
const GROWTH = 1.4;
const NARROWINGS = 2;
