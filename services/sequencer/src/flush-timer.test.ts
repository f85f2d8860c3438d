import { createManualClock } from '@garam/testkit/manual-clock';
import { expect, test } from 'vitest';
import { createFlushTimer } from './flush-timer.ts';

function rig(durationMs: number) {
  const clock = createManualClock();
  const abort = new AbortController();
  const startedAt: number[] = [];
  let running = 0;
  let mostRunning = 0;
  const flush = async () => {
    startedAt.push(clock.monotonic());
    mostRunning = Math.max(mostRunning, ++running);
    await clock.sleep(durationMs);
    running--;
  };
  const timer = createFlushTimer({ intervalMs: 500, clock, signal: abort.signal, flush });
  return { clock, abort, startedAt, timer, mostRunning: () => mostRunning };
}

test('many changes within an interval make one flush', async () => {
  const { clock, startedAt, timer } = rig(10);
  for (let step = 0; step < 40; step++) {
    timer.arm();
    await clock.advance(10);
  }
  await clock.advance(1_000);
  expect(startedAt).toEqual([500]);
});

test('a change during a long flush is flushed after it, never beside it', async () => {
  const { clock, startedAt, timer, mostRunning } = rig(2_000);
  timer.arm();
  await clock.advance(600);
  timer.arm();
  await clock.advance(5_000);
  expect(startedAt).toEqual([500, 2_500]);
  expect(mostRunning()).toBe(1);
});

test('nothing is flushed after the assignment ended', async () => {
  const { clock, abort, startedAt, timer } = rig(10);
  timer.arm();
  abort.abort();
  await clock.advance(1_000);
  expect(startedAt).toEqual([]);
});
