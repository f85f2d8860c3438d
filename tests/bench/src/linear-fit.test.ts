import { expect, test } from 'vitest';
import { linearFit } from './linear-fit.ts';

test('the slope of a noisy line is the line', () => {
  const points = [0, 1000, 2000, 3000, 4000].map((x, i) => ({ x, y: 5e7 + 9000 * x + (i % 2 === 0 ? 1 : -1) * 1e5 }));
  expect(linearFit(points).slope / 9000).toBeCloseTo(1, 1);
});
