import { createManualClock } from '@garam/testkit/manual-clock';
import { expect, test } from 'vitest';
import { createCoarseTimers } from './coarse-timers.ts';

test('a task runs once, never early and at most two resolutions late', async () => {
  for (const delayMs of [0, 1, 49, 50, 51, 99, 100, 5_000]) {
    const clock = createManualClock();
    await clock.advance(7);
    const timers = createCoarseTimers(clock, 50);
    const ranAt: number[] = [];
    timers.add(delayMs, () => ranAt.push(clock.monotonic() - 7));
    await clock.advance(20_000);
    expect(ranAt).toHaveLength(1);
    expect(ranAt[0]).toBeGreaterThanOrEqual(delayMs);
    expect(ranAt[0]).toBeLessThanOrEqual(delayMs + 100);
  }
});

test('tasks run in the order of their deadlines, also when the interval comes late', async () => {
  const clock = createManualClock();
  const timers = createCoarseTimers(clock, 50);
  const ran: string[] = [];
  timers.add(400, () => ran.push('late'));
  timers.add(100, () => ran.push('early'));
  timers.add(200, () => ran.push('middle'));
  await clock.advance(1_000);
  expect(ran).toEqual(['early', 'middle', 'late']);
});

test('ten thousand deadlines need one timer of the clock, and none when nothing waits', async () => {
  const clock = createManualClock();
  const timers = createCoarseTimers(clock, 50);
  const cancels = Array.from({ length: 10_000 }, () => timers.add(5_000, () => {}));
  expect([clock.timers, timers.size()]).toEqual([1, 10_000]);
  for (const cancel of cancels) cancel();
  await clock.advance(100);
  expect([clock.timers, timers.size()]).toEqual([0, 0]);
});

test('a cancelled task does not run, not even when one of its own tick cancels it', async () => {
  const clock = createManualClock();
  const timers = createCoarseTimers(clock, 50);
  const ran: string[] = [];
  let cancelSecond = () => {};
  timers.add(100, () => {
    ran.push('first');
    cancelSecond();
  });
  cancelSecond = timers.add(100, () => ran.push('second'));
  const cancelThird = timers.add(70, () => ran.push('third'));
  cancelThird();
  cancelThird();
  await clock.advance(500);
  expect(ran).toEqual(['first']);
  expect(timers.size()).toBe(0);
});

test('a task may add another, which waits its own time', async () => {
  const clock = createManualClock();
  const timers = createCoarseTimers(clock, 50);
  const ranAt: number[] = [];
  timers.add(100, () => {
    timers.add(100, () => ranAt.push(clock.monotonic()));
    timers.add(0, () => ranAt.push(clock.monotonic()));
  });
  await clock.advance(1_000);
  expect(ranAt).toEqual([150, 200]);
});

test('stop forgets everything, and adding afterwards works again', async () => {
  const clock = createManualClock();
  const timers = createCoarseTimers(clock, 50);
  const ran: string[] = [];
  timers.add(100, () => ran.push('a'));
  timers.stop();
  await clock.advance(1_000);
  timers.add(100, () => ran.push('b'));
  await clock.advance(1_000);
  expect(ran).toEqual(['b']);
});
