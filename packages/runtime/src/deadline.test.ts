import { createManualClock } from '@garam/testkit/manual-clock';
import { expect, test } from 'vitest';
import { withDeadline } from './deadline.ts';

const late = () => new Error('late');

test('a result in time is the result, and no timer stays', async () => {
  const clock = createManualClock();
  await expect(withDeadline(Promise.resolve(7), 100, clock, late)).resolves.toBe(7);
  expect(clock.timers).toBe(0);
});

test('an error in time is that error, and no timer stays', async () => {
  const clock = createManualClock();
  await expect(withDeadline(Promise.reject(new Error('own')), 100, clock, late)).rejects.toThrow('own');
  expect(clock.timers).toBe(0);
});

test('at the deadline the given error rejects, and a later outcome is ignored', async () => {
  const clock = createManualClock();
  const slow = Promise.withResolvers<number>();
  const outcome = withDeadline(slow.promise, 100, clock, late).catch((error: unknown) => error);
  let isOver = false;
  void outcome.then(() => (isOver = true));
  await clock.advance(99);
  expect(isOver).toBe(false);
  await clock.advance(1);
  slow.resolve(7);
  expect(await outcome).toMatchObject({ message: 'late' });
});
