import { createManualClock } from '@garam/testkit/manual-clock';
import { expect, test } from 'vitest';
import { retryUntilDone } from './retry.ts';

const backoff = { baseMs: 100, maxMs: 1_000 };

test('work is tried until it succeeds, with growing pauses, and each failure is told', async () => {
  const clock = createManualClock();
  const triedAt: number[] = [];
  const failures: number[] = [];
  const work = async () => {
    triedAt.push(clock.monotonic());
    if (triedAt.length < 20) throw new Error('not yet');
    return 'done';
  };
  const onFailure = (_: unknown, attempt: number) => failures.push(attempt);
  const result = retryUntilDone(work, { clock, backoff, signal: new AbortController().signal, onFailure });
  await clock.advance(60_000);
  expect(await result).toBe('done');
  expect(failures).toEqual(Array.from({ length: 19 }, (_, index) => index + 1));
  const pauses = triedAt.slice(1).map((time, index) => time - triedAt[index]!);
  expect(pauses[0]).toBeLessThan(100);
  expect(Math.max(...pauses)).toBeGreaterThan(200);
  expect(Math.max(...pauses)).toBeLessThanOrEqual(1_000);
});

test('an aborted signal ends it during the pause, without a result and without another try', async () => {
  const clock = createManualClock();
  const abort = new AbortController();
  let tries = 0;
  const work = async () => {
    tries++;
    throw new Error('never');
  };
  const result = retryUntilDone(work, { clock, backoff, signal: abort.signal, onFailure: () => {} });
  await clock.settle();
  abort.abort();
  expect(await result).toBeUndefined();
  expect([tries, clock.timers]).toEqual([1, 0]);
});

test('with a signal aborted before nothing is tried', async () => {
  const work = () => Promise.reject(new Error('tried'));
  const clock = createManualClock();
  const signal = AbortSignal.abort();
  await expect(retryUntilDone(work, { clock, backoff, signal, onFailure: () => {} })).resolves.toBeUndefined();
});
