import { expect, test } from 'vitest';
import { batchesOf, putInto, type Put } from './put.ts';

const put = (partition: string, size = 1): Put => ({ cql: 'cql', params: ['x'.repeat(size)], partition });

test('a put names key, cells, expiry and time in the order of its parameters', () => {
  expect(putInto('t', { key: ['a', 'b'], cells: ['c'] })).toBe(
    'INSERT INTO t (a, b, c) VALUES (?, ?, ?) USING TIMESTAMP ?',
  );
  expect(putInto('t', { key: ['a'], cells: ['b'], expires: true })).toMatch(
    /VALUES \(\?, \?\) USING TTL \? AND TIMESTAMP \?$/,
  );
});

test('a batch holds one partition, in the order given', () => {
  const [a1, b1, a2, c1, b2] = [put('a'), put('b'), put('a'), put('c'), put('b')];
  const batches = batchesOf([a1, b1, a2, c1, b2]);
  expect(batches).toEqual([[a1, a2], [b1, b2], [c1]]);
});

test('batches are bounded in rows and in size; a row above the bound goes alone', () => {
  expect(batchesOf(Array.from({ length: 120 }, () => put('a'))).map(({ length }) => length)).toEqual([50, 50, 20]);
  const sizes = [20_000, 12_000, 20_000, 90_000, 1];
  expect(batchesOf(sizes.map((size) => put('a', size))).map(({ length }) => length)).toEqual([2, 1, 1, 1]);
});

test('where all nodes have all rows a batch spans several partitions, bounded like others, each partition in its order', () => {
  const [a1, b1, a2, c1] = [put('a'), put('b'), put('a'), put('c')];
  expect(batchesOf([a1, b1, a2, c1], 2)).toEqual([[a1, a2, b1], [c1]]);
  const many = Array.from({ length: 25 }, (_, index) => put(String(index)));
  expect(batchesOf(many, 10).map(({ length }) => length)).toEqual([10, 10, 5]);
  const rows = Array.from({ length: 90 }, (_, index) => put(index < 45 ? 'a' : 'b'));
  expect(batchesOf(rows, 10).map(({ length }) => length)).toEqual([45, 45]);
  expect(batchesOf([put('a', 20_000), put('b', 20_000)], 10)).toHaveLength(2);
});
