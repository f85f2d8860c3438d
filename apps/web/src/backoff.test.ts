import { expect, test } from 'vitest';
import { backoffMs } from '../public/js/backoff.js';

test('the wait is spread from 0 to 0.5 s · 2ⁿ and never above 20 s', () => {
  const longest = [0, 1, 2, 5, 6, 1_000].map((attempt) => backoffMs(attempt, () => 1));
  expect(longest).toEqual([500, 1_000, 2_000, 16_000, 20_000, 20_000]);
  expect(backoffMs(4, () => 0)).toBe(0);
});
