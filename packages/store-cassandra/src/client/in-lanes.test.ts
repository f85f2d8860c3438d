import { expect, test } from 'vitest';
import { inLanes } from './in-lanes.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('results come in the order of the items, so many at a time', async () => {
  let [running, most] = [0, 0];
  const items = Array.from({ length: 20 }, (_, index) => index);
  const results = await inLanes(items, 4, async (item) => {
    most = Math.max(most, ++running);
    for (let turns = 0; turns < item % 3; turns++) await turn();
    running--;
    return item * 2;
  });
  expect(results).toEqual(items.map((item) => item * 2));
  expect(most).toBe(4);
  expect(await inLanes([], 4, async () => 1)).toEqual([]);
});

test('after a failure nothing more is begun', async () => {
  const begun: number[] = [];
  const work = async (item: number) => {
    begun.push(item);
    await turn();
    if (item === 1) throw new Error('failed');
  };
  await expect(inLanes([0, 1, 2, 3, 4, 5, 6, 7], 2, work)).rejects.toThrow('failed');
  for (let turns = 0; turns < 5; turns++) await turn();
  expect(begun.length).toBeLessThan(5);
});
