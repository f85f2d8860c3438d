import { expect, test } from 'vitest';
import { bucketOf, noticeBucketOf, readBuckets } from './buckets.ts';

test('a row stays in the partition it was written to: the sizes of partitions are fixed', () => {
  expect([0, 1, 4_999, 5_000, 12_345].map(bucketOf)).toEqual([0, 0, 0, 1, 2]);
  expect([1, 99_999, 100_000].map(noticeBucketOf)).toEqual([0, 0, 1]);
});

async function readOf(range: Parameters<typeof readBuckets>[0], enough: number, perBucket: number) {
  const read: number[] = [];
  const rows = await readBuckets(range, enough, async (bucket) => {
    read.push(bucket);
    return Array.from({ length: perBucket }, (_, index) => `${bucket}.${index}`);
  });
  return { read, rows };
}

test('every partition of a range is read once, in order', async () => {
  for (let count = 0; count < 30; count++) {
    const { read, rows } = await readOf({ from: 3, through: 2 + count }, Infinity, 1);
    expect(read).toEqual(Array.from({ length: count }, (_, index) => index + 3));
    expect(rows).toEqual(read.map((bucket) => `${bucket}.0`));
  }
});

test('reading ends with the rows asked for, from either end, however wide the range', async () => {
  const wide = { from: 0, through: Number.MAX_SAFE_INTEGER };
  expect(await readOf(wide, 3, 2)).toEqual({ read: [0, 1], rows: ['0.0', '0.1', '1.0'] });
  const { rows } = await readOf({ from: 0, through: 9, newestFirst: true }, 3, 1);
  expect(rows).toEqual(['9.0', '8.0', '7.0']);
});
