import { expect, test } from 'vitest';
import { backoffDelayMs } from './backoff.ts';

const backoff = { baseMs: 100, maxMs: 5_000 };

test('the bound doubles with each attempt up to the maximum', () => {
  const longest = (attempt: number) => backoffDelayMs(attempt, backoff, () => 1);
  expect([0, 1, 2, 5, 6, 7, 50, 5_000].map(longest)).toEqual([100, 200, 400, 3_200, 5_000, 5_000, 5_000, 5_000]);
});

test('the delay is anything between 0 and the bound, by the randomness given', () => {
  expect([0, 0.25, 0.5].map((value) => backoffDelayMs(2, backoff, () => value))).toEqual([0, 100, 200]);
});
