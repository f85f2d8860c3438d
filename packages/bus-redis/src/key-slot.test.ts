import { expect, test } from 'vitest';
import { groupKeys } from './group-keys.ts';
import { keySlot } from './key-slot.ts';
import { createRedisKeys } from './redis-keys.ts';

test('slots are those the cluster specification gives', () => {
  expect(keySlot('123456789')).toBe(0x31c3);
  expect(keySlot('foo')).toBe(12_182);
  expect(keySlot('a{foo}b{bar}')).toBe(12_182);
  expect(keySlot('foo{}{bar}')).toBe(8_363);
});

test('everything of a chat is in one slot', () => {
  const keys = createRedisKeys('garam:');
  expect(keySlot(keys.route('chat:room'))).toBe(keySlot(keys.recent('room')));
  expect(keySlot(keys.route('user:room'))).toBe(keySlot(keys.changes('room')));
  expect(keys.route('user:room')).not.toBe(keys.route('watch:room'));
});

test('on one server keys go together up to a bound, on a cluster by slot, and none is left out', () => {
  const keys = Array.from({ length: 300 }, (_, index) => `{${index % 150}}`);
  const single = groupKeys(keys, false);
  expect(single.map((group) => group.keys.length)).toEqual([128, 128, 44]);
  const cluster = groupKeys(keys, true);
  for (const group of cluster) expect(new Set(group.keys.map(keySlot)).size).toBe(1);
  for (const groups of [single, cluster]) {
    const places = groups.flatMap((group) => group.places).toSorted((a, b) => a - b);
    expect(places).toEqual(keys.map((_, index) => index));
    for (const group of groups) expect(group.keys).toEqual(group.places.map((place) => keys[place]));
  }
});
