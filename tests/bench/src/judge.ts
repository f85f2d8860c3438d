import type { IdleResult } from './run-idle.ts';
import type { LoadResult } from './open-loop.ts';
import type { SearchResult } from './search-rate.ts';
import { IDLE_BYTES_PER_CONNECTION_MAX, OVERLOAD_KEPT_MIN, OVERLOAD_REFUSAL_P99_MAX_MS } from './workloads.ts';
import type { LoadBars } from './workloads.ts';

/** One bar and how the run stands to it. */
export interface BarVerdict {
  bar: string;
  measured: string;
  /** `unknown`: could not be measured here; `invalid`: the driver was saturated. Only `met` passes. */
  verdict: 'met' | 'missed' | 'unknown' | 'invalid';
}

/** Judges one run at a fixed rate. */
export function judgeLoad(result: LoadResult, bars: LoadBars): BarVerdict[] {
  const verdicts: BarVerdict[] = [
    ...integrity(result),
    count('refused', sum(result.refusals)),
    atLeast('accepted ≥ 98 % of what was offered', result.acceptedPerSecond, result.offeredPerSecond * 0.98, '/s'),
  ];
  if (bars.ackP50MaxMs !== undefined) {
    verdicts.push(atMost(`ack p50 ≤ ${bars.ackP50MaxMs} ms`, result.ack.p50Ms, bars.ackP50MaxMs, ' ms'));
  }
  if (bars.ackP99MaxMs !== undefined) {
    verdicts.push(atMost(`ack p99 ≤ ${bars.ackP99MaxMs} ms`, result.ack.p99Ms, bars.ackP99MaxMs, ' ms'));
  }
  if (bars.deliverP99MaxMs !== undefined) {
    verdicts.push(
      atMost(`deliver p99 ≤ ${bars.deliverP99MaxMs} ms`, result.deliver.p99Ms, bars.deliverP99MaxMs, ' ms'),
    );
  }
  if (bars.cpuMaxUsPerMessage !== undefined) {
    const cpu = result.processes.reduce((total, each) => total + each.cpuUsPerMessage, 0);
    const bar = `server CPU ≤ ${bars.cpuMaxUsPerMessage} µs per message`;
    const known = result.processes.length > 0;
    verdicts.push(known ? atMost(bar, cpu, bars.cpuMaxUsPerMessage, ' µs') : unknown(bar));
  }
  return result.driver.saturated ? verdicts.map(invalidate) : verdicts;
}

/** Judges the highest healthy rate and the run at twice of it. */
export function judgeOverload(search: SearchResult, healthyRateMin: number): BarVerdict[] {
  const { overload, healthyRate } = search;
  if (overload === null) return [{ bar: 'a healthy rate exists', measured: 'none', verdict: 'missed' }];
  // A driver that gave up first only hides a higher rate.
  const rate =
    healthyRateMin > 0 ? [atLeast(`healthy at ≥ ${healthyRateMin}/s`, healthyRate, healthyRateMin, '/s')] : [];
  const verdicts = [
    ...integrity(overload),
    atLeast(
      `keeps ≥ ${OVERLOAD_KEPT_MIN * 100} % of ${healthyRate}/s when offered twice of it`,
      overload.acceptedPerSecond,
      healthyRate * OVERLOAD_KEPT_MIN,
      '/s',
    ),
    atMost(
      `refuses the rest with p99 ≤ ${OVERLOAD_REFUSAL_P99_MAX_MS} ms`,
      overload.refusal.p99Ms,
      OVERLOAD_REFUSAL_P99_MAX_MS,
      ' ms',
    ),
  ];
  return [...rate, ...(overload.driver.saturated || search.driverLimited ? verdicts.map(invalidate) : verdicts)];
}

export function judgeIdle(result: IdleResult): BarVerdict[] {
  const bar = `≤ ${IDLE_BYTES_PER_CONNECTION_MAX / 1024} KB per idle connection`;
  const memory =
    result.bytesPerConnection === null
      ? unknown(bar)
      : atMost(bar, result.bytesPerConnection / 1024, IDLE_BYTES_PER_CONNECTION_MAX / 1024, ' KB');
  return [count('connections closed by the server', result.closed), memory];
}

function integrity(result: LoadResult): BarVerdict[] {
  return [
    count('lost', result.lost),
    count('duplicated', result.duplicated),
    count('reordered', result.reordered),
    count('unanswered', result.unanswered),
    count('faults', sum(result.faults), Object.keys(result.faults).join(', ')),
  ];
}

function sum(counts: Record<string, number>): number {
  return Object.values(counts).reduce((total, each) => total + each, 0);
}

function count(what: string, measured: number, detail = ''): BarVerdict {
  const shown = detail === '' ? String(measured) : `${measured} (${detail})`;
  return { bar: `none ${what}`, measured: shown, verdict: measured === 0 ? 'met' : 'missed' };
}

function atMost(bar: string, measured: number, limit: number, unit: string): BarVerdict {
  return { bar, measured: shown(measured, unit), verdict: measured <= limit ? 'met' : 'missed' };
}

function atLeast(bar: string, measured: number, limit: number, unit: string): BarVerdict {
  return { bar, measured: shown(measured, unit), verdict: measured >= limit ? 'met' : 'missed' };
}

function unknown(bar: string): BarVerdict {
  return { bar, measured: 'not measured', verdict: 'unknown' };
}

/** What went missing is missing however busy the driver was; only figures of speed become invalid. */
function invalidate(verdict: BarVerdict): BarVerdict {
  const speed = !verdict.bar.startsWith('none ');
  return speed ? { ...verdict, verdict: 'invalid' } : verdict;
}

function shown(value: number, unit: string): string {
  return `${value.toFixed(value < 100 ? 1 : 0)}${unit}`;
}
