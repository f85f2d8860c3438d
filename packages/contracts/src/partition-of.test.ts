import { expect, it } from 'vitest';
import { partitionOf } from './partition-of.ts';

/** Hashes of Java's `Utils.murmur2`, from Kafka's own tests. */
const VECTORS: [string, number][] = [
  ['21', -973_932_308],
  ['foobar', -790_332_482],
  ['a-little-bit-long-string', -985_981_536],
  ['a-little-bit-longer-string', -1_486_304_829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58_897_971],
  ['abc', 479_470_107],
];

it.each(VECTORS)("'%s' goes where Kafka's default partitioner puts it", (key, hash) => {
  const positive = hash & 0x7fffffff;
  expect(partitionOf(key, 2 ** 31)).toBe(positive);
  for (const partitions of [1, 3, 8, 64, 97]) expect(partitionOf(key, partitions)).toBe(positive % partitions);
});
