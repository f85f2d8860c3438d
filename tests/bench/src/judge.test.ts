import { expect, test } from 'vitest';
import { judgeLoad } from './judge.ts';
import type { LoadResult } from './open-loop.ts';

const latency = { count: 1000, meanMs: 2, p50Ms: 2, p99Ms: 7, maxMs: 9 };
const healthy: LoadResult = {
  offeredPerSecond: 2000,
  acceptedPerSecond: 1999,
  refusedPerSecond: 0,
  deliveredPerSecond: 4000,
  lost: 0,
  duplicated: 0,
  reordered: 0,
  unanswered: 0,
  faults: {},
  refusals: {},
  ack: latency,
  deliver: latency,
  refusal: latency,
  processes: [{ name: 'garam', cpuUsPerMessage: 200, cpuShare: 0.4, rssBytes: 1 }],
  driver: { lagP99Ms: 1, cpuShare: 0.3, saturated: false },
  othersCpuShare: 0,
  stealShare: 0,
};
const bars = { ackP99MaxMs: 15, deliverP99MaxMs: 15, cpuMaxUsPerMessage: 800 };

function notMet(change: Partial<LoadResult>): string[] {
  return judgeLoad({ ...healthy, ...change }, bars)
    .filter(({ verdict }) => verdict !== 'met')
    .map(({ bar, verdict }) => `${verdict} ${bar}`);
}

test('a healthy run meets every bar', () => {
  expect(notMet({})).toEqual([]);
});

test.each([
  [{ lost: 1 }, 'missed none lost'],
  [{ duplicated: 1 }, 'missed none duplicated'],
  [{ reordered: 1 }, 'missed none reordered'],
  [{ unanswered: 1 }, 'missed none unanswered'],
  [{ refusals: { '503 unavailable': 1 } }, 'missed none refused'],
  [{ faults: { reset: 1 } }, 'missed none faults'],
  [{ acceptedPerSecond: 1900 }, 'missed accepted ≥ 98 % of what was offered'],
  [{ ack: { ...latency, p99Ms: 15.1 } }, 'missed ack p99 ≤ 15 ms'],
  [{ deliver: { ...latency, p99Ms: 16 } }, 'missed deliver p99 ≤ 15 ms'],
  [{ processes: [] }, 'unknown server CPU ≤ 800 µs per message'],
] as [Partial<LoadResult>, string][])('a run with %o misses exactly that bar', (change, expected) => {
  expect(notMet(change)).toEqual([expected]);
});

test('a saturated driver makes figures of speed invalid, but never excuses a loss', () => {
  const verdicts = notMet({ lost: 2, driver: { lagP99Ms: 9, cpuShare: 0.3, saturated: true } });
  expect(verdicts).toContain('missed none lost');
  expect(verdicts).toContain('invalid ack p99 ≤ 15 ms');
});
