import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { MemberTimeline } from './chat-state.ts';
import { roleAt, StoreAhead, trimTimeline, withRole } from './timeline.ts';

const carol: MemberTimeline = {
  user: 'carol',
  entries: [
    { offset: 10, role: 'member' },
    { offset: 20, role: null },
    { offset: 30, role: 'admin' },
  ],
  trimmed: false,
};

it('a row is evaluated at the offset of the command: what came with it or after it is the future', () => {
  const roles = [9, 10, 11, 20, 21, 30, 31].map((offset) => roleAt(carol, offset));
  expect(roles).toEqual([null, null, 'member', 'member', null, null, 'admin']);
});

it('without a row the user was never a member', () => {
  expect(roleAt(undefined, 5)).toBeNull();
});

it('before the oldest entry of a trimmed row nobody can tell: the store is ahead', () => {
  const trimmed = { ...carol, trimmed: true };
  expect(() => roleAt(trimmed, 10)).toThrow(StoreAhead);
  expect(roleAt(trimmed, 11)).toBe('member');
});

it('a role written in the past keeps entries of the future', () => {
  expect(withRole(carol, { user: 'carol', role: 'owner', offset: 25 }).entries.map(({ offset }) => offset)).toEqual([
    10, 20, 25, 30,
  ]);
  expect(withRole(carol, { user: 'carol', role: 'admin', offset: 30 })).toEqual(carol);
});

it('trimming drops only what is older than the entry in effect at the saved offset', () => {
  expect(trimTimeline(carol, 9)).toEqual(carol);
  expect(trimTimeline(carol, 19)).toEqual(carol);
  expect(trimTimeline(carol, 20)).toEqual({ user: 'carol', entries: carol.entries.slice(1), trimmed: true });
  expect(trimTimeline(carol, 1_000).entries).toEqual([{ offset: 30, role: 'admin' }]);
});

it('whatever is trimmed, every owner that starts at the saved state finds the same role or learns that the store is ahead', () => {
  const timeline = fc
    .uniqueArray(fc.integer({ min: 0, max: 50 }), { maxLength: 8 })
    .map((offsets) => offsets.toSorted((one, other) => one - other))
    .chain((offsets) =>
      fc.tuple(...offsets.map((offset) => fc.constantFrom('member' as const, null).map((role) => ({ offset, role })))),
    );
  fc.assert(
    fc.property(
      timeline,
      fc.integer({ min: -1, max: 60 }),
      fc.integer({ min: 0, max: 60 }),
      (entries, saved, offset) => {
        const whole: MemberTimeline = { user: 'u', entries, trimmed: false };
        const trimmed = trimTimeline(whole, saved);
        const found = outcomeOf(() => roleAt(trimmed, offset));
        expect(found === 'store ahead' ? offset <= saved : found === roleAt(whole, offset)).toBe(true);
      },
    ),
  );
});

function outcomeOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    if (error instanceof StoreAhead) return 'store ahead';
    throw error;
  }
}
