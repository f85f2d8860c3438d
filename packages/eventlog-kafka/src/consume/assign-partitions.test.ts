import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { assignPartitions, type GroupMember } from './assign-partitions.ts';
import { decodeShare, decodeSubscription, encodeShare, encodeSubscription } from './group-messages.ts';

const TOPICS = { one: 8, two: 3 } as const;
const partitionsOf = (topic: string) => TOPICS[topic as keyof typeof TOPICS];
const all = Object.entries(TOPICS).flatMap(([topic, count]) =>
  Array.from({ length: count }, (_, partition) => ({ topic, partition })),
);
const keys = (refs: readonly { topic: string; partition: number }[]) =>
  refs.map(({ topic, partition }) => `${topic}/${partition}`).toSorted();

/** Joins again and again, members holding what they were given, until nobody waits. */
function settle(members: readonly GroupMember[]): { members: readonly GroupMember[]; rounds: number } {
  let current: readonly GroupMember[] = members;
  for (let rounds = 1; rounds < 10; rounds++) {
    const { shares, isSettled } = assignPartitions(current, partitionsOf);
    current = current.map(({ id, topics }) => ({ id, topics, owned: shares.get(id)! }));
    if (isSettled) return { members: current, rounds };
  }
  throw new Error('never settled');
}

const both = ['one', 'two'];
const member = (id: string, topics: readonly string[] = both): GroupMember => ({ id, topics, owned: [] });

const group = fc
  .uniqueArray(fc.tuple(fc.string({ minLength: 1, maxLength: 4 }), fc.subarray(both, { minLength: 1 })), {
    selector: ([id]) => id,
    minLength: 1,
    maxLength: 6,
  })
  .map((members) => members.map(([id, topics]) => member(id, topics)).concat(member('always')));

test('every partition has exactly one member that wants it, shared evenly per topic', () => {
  fc.assert(
    fc.property(group, (members) => {
      const settled = settle(members).members;
      expect(keys(settled.flatMap(({ owned }) => owned))).toEqual(keys(all));
      for (const [topic, count] of Object.entries(TOPICS)) {
        const wanting = settled.filter(({ topics }) => topics.includes(topic));
        const counts = wanting.map(({ owned }) => owned.filter((each) => each.topic === topic).length);
        expect(Math.max(...counts)).toBeLessThanOrEqual(Math.ceil(count / wanting.length));
        expect(Math.min(...counts)).toBeGreaterThanOrEqual(Math.floor(count / wanting.length));
      }
    }),
  );
});

test('while members come and go no partition is ever held by two', () => {
  fc.assert(
    fc.property(group, group, (before, after) => {
      const held = new Map(settle(before).members.map(({ id, owned }) => [id, owned]));
      const joining = after.map((each) => ({ ...each, owned: held.get(each.id) ?? [] }));
      const { shares } = assignPartitions(joining, partitionsOf);
      for (const { id, owned } of joining) {
        const others = joining.filter((other) => other.id !== id).flatMap((other) => shares.get(other.id)!);
        expect(keys(others).filter((key) => keys(owned).includes(key))).toEqual([]);
      }
      expect(settle(joining).rounds).toBeLessThanOrEqual(2);
    }),
  );
});

test('a member that joins takes its share and nothing else moves; one that leaves gives only its own', () => {
  const three = settle(['a', 'b', 'c'].map((id) => member(id))).members;
  const four = settle([...three, member('d')]).members;
  for (const { id, owned } of three) {
    const now = four.find((each) => each.id === id)!.owned;
    expect(keys(now).every((key) => keys(owned).includes(key))).toBe(true);
  }
  const without = settle(four.slice(1)).members;
  for (const { id, owned } of four.slice(1)) {
    expect(keys(without.find((each) => each.id === id)!.owned)).toEqual(expect.arrayContaining(keys(owned)));
  }
});

test('what members and leader tell each other arrives', () => {
  const owned = [
    { topic: 'one', partition: 3 },
    { topic: 'two', partition: 0 },
  ];
  expect(decodeSubscription(encodeSubscription(both, owned))).toEqual({ topics: both, owned });
  expect(decodeShare(encodeShare(owned, false))).toEqual({ share: owned, isSettled: false });
  expect(decodeShare(Buffer.alloc(0)).share).toEqual([]);
});
