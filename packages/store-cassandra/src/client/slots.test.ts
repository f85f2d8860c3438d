import { expect, test } from 'vitest';
import { createSlots } from './slots.ts';

test('no more run than there are slots, all run in their order, and failures free theirs', async () => {
  const slots = createSlots(3);
  const began: number[] = [];
  let [running, most] = [0, 0];
  const task = (index: number) => async () => {
    began.push(index);
    most = Math.max(most, ++running);
    await new Promise((resolve) => setImmediate(resolve));
    running--;
    if (index % 7 === 0) throw new Error('failed');
    return index;
  };
  const results = await Promise.allSettled(Array.from({ length: 3_000 }, (_, index) => slots.run(task(index))));
  expect(began).toEqual(Array.from({ length: 3_000 }, (_, index) => index));
  expect([most, slots.waiting]).toEqual([3, 0]);
  expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(429);
});
