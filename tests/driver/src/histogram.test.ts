import { expect, test } from 'vitest';
import { Histogram } from './histogram.ts';
import { createRandom } from './random.ts';

test('a percentile is never below the true one and at most 1.6 % above it', () => {
  const random = createRandom(7);
  const values = Array.from({ length: 20_000 }, () => Math.round(random.exponential(9000)) / 1000);
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  values.sort((a, b) => a - b);
  for (const quantile of [0.01, 0.5, 0.9, 0.99, 0.999]) {
    const truth = values[Math.ceil(quantile * values.length) - 1]!;
    expect(histogram.percentile(quantile)).toBeGreaterThanOrEqual(truth - 1e-9);
    expect(histogram.percentile(quantile)).toBeLessThanOrEqual(truth * 1.016 + 0.001);
  }
  expect(histogram.maxMs).toBe(values.at(-1));
});

test('one slow value among a hundred is the maximum and not the p99', () => {
  const histogram = new Histogram();
  for (let i = 0; i < 99; i += 1) histogram.record(1);
  histogram.record(5000);
  expect(histogram.percentile(0.99)).toBeLessThan(1.02);
  expect(histogram.percentile(1)).toBe(5000);
});
