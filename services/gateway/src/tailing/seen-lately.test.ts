import { createManualClock } from '@garam/testkit/manual-clock';
import { expect, test } from 'vitest';
import { createSeenLately } from './seen-lately.ts';

test('the newest rev of a chat is remembered for half a minute at least, and for a minute at most', async () => {
  const clock = createManualClock();
  const seen = createSeenLately(clock);
  seen.note('c', 7);
  seen.note('c', 5);
  for (const [afterMs, rev] of [
    [29_000, 7],
    [2_000, 7],
    [35_000, 0],
  ] as const) {
    await clock.advance(afterMs);
    seen.note('other', 1);
    expect(seen.rev('c')).toBe(rev);
  }
});

test('membership of a user is remembered in the order it was read', () => {
  const seen = createSeenLately(createManualClock());
  seen.noteChange('bob', { chat: 'c', rev: 2, kind: 'added' });
  seen.noteChange('bob', { chat: 'c', rev: 3, kind: 'removed' });
  expect(seen.changes('bob').map(({ kind }) => kind)).toEqual(['added', 'removed']);
  expect(seen.changes('carol')).toEqual([]);
});

test('however many chats there are, memory is bounded', () => {
  const seen = createSeenLately(createManualClock());
  for (let chat = 0; chat < 250_000; chat++) seen.note(`c${chat}`, 1);
  expect(seen.rev('c0')).toBe(0);
  expect(seen.rev('c249999')).toBe(1);
});
