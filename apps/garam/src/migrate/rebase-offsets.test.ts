import { emptyChat } from '@garam/domain/chat-state';
import { roleAt } from '@garam/domain/timeline';
import { expect, test } from 'vitest';
import { rebaseState, rebaseTimeline } from './rebase-offsets.ts';

test('what was decided in the old log comes before every command of the new one, and keeps its order', () => {
  const timeline = {
    user: 'bob',
    trimmed: false,
    entries: [
      { offset: 0, role: 'member' as const },
      { offset: 7, role: null },
      { offset: 2 ** 40 - 1, role: 'admin' as const },
    ],
  };
  const moved = rebaseTimeline(timeline);
  const offsets = moved.entries.map(({ offset }) => offset);
  expect(offsets).toEqual(offsets.toSorted((one, other) => one - other));
  expect(Math.max(...offsets)).toBeLessThan(0);
  expect(roleAt(moved, 0)).toBe('admin');
  expect(rebaseState({ ...emptyChat('c'), lastOffset: 2 ** 40 - 1 }).lastOffset).toBe(-1);
});

test('a log that took over another one can be moved again', () => {
  const once = rebaseState({ ...emptyChat('c'), lastOffset: 5 });
  expect(rebaseState(once).lastOffset).toBeLessThan(rebaseState({ ...once, lastOffset: 0 }).lastOffset);
});

test('a position no embedded log can have is refused', () => {
  expect(() => rebaseState({ ...emptyChat('c'), lastOffset: 2 ** 40 })).toThrow(RangeError);
});
