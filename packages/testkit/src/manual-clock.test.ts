import { expect, test } from 'vitest';
import { createManualClock } from './manual-clock.ts';

test('timers run in order of their time, equal times in order of their making', async () => {
  const clock = createManualClock();
  const ran: string[] = [];
  clock.after(20, () => ran.push('b'));
  clock.after(10, () => ran.push('a'));
  clock.after(20, () => ran.push('c'));
  clock.after(31, () => ran.push('late'));
  await clock.advance(30);
  expect(ran).toEqual(['a', 'b', 'c']);
  expect(clock.monotonic()).toBe(30);
  expect(clock.timers).toBe(1);
});

test('a timer sees the time it was due at, and what it starts runs before the next timer', async () => {
  const clock = createManualClock({ startMs: 1_000 });
  const seen: [string, number][] = [];
  clock.after(10, () => {
    void Promise.resolve().then(() => clock.endOfTurn(() => seen.push(['turn', clock.now()])));
    clock.after(5, () => seen.push(['nested', clock.now()]));
  });
  clock.after(20, () => seen.push(['second', clock.now()]));
  await clock.advance(100);
  expect(seen).toEqual([
    ['turn', 1_010],
    ['nested', 1_015],
    ['second', 1_020],
  ]);
});

test('an interval runs until it is cancelled, a cancelled timer never', async () => {
  const clock = createManualClock();
  let ticks = 0;
  const stop = clock.every(10, () => ticks++);
  clock.after(15, () => ticks++)();
  await clock.advance(35);
  stop();
  await clock.advance(100);
  expect(ticks).toBe(3);
});

test('tasks of a turn run without time passing, and one given by another runs in the next turn', async () => {
  const clock = createManualClock();
  const ran: string[] = [];
  clock.endOfTurn(() => {
    ran.push('first');
    clock.endOfTurn(() => ran.push('third'));
  });
  clock.endOfTurn(() => ran.push('second'));
  await clock.settle();
  expect(ran).toEqual(['first', 'second', 'third']);
  expect(clock.monotonic()).toBe(0);
});

test('sleep ends at its time, or when the signal aborts, and leaves no timer', async () => {
  const clock = createManualClock();
  const abort = new AbortController();
  let awake = 0;
  void clock.sleep(10).then(() => awake++);
  void clock.sleep(1_000, abort.signal).then(() => awake++);
  await clock.advance(10);
  expect(awake).toBe(1);
  abort.abort();
  await clock.settle();
  expect([awake, clock.timers]).toEqual([2, 0]);
});

test('the same seed gives the same randomness in [0, 1), another seed another', () => {
  const take = (seed: number) => {
    const clock = createManualClock({ seed });
    return Array.from({ length: 50 }, () => clock.random());
  };
  expect(take(7)).toEqual(take(7));
  expect(take(7)).not.toEqual(take(8));
  expect(take(7).every((value) => value >= 0 && value < 1)).toBe(true);
});
