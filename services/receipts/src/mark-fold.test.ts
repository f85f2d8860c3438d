import { expect, test } from 'vitest';
import { createMarkFold } from './mark-fold.ts';

test('marks fold to maxima, whatever the order', () => {
  const receipts = [
    { chat: 'c1', marks: [{ user: 'alice', delivered: 5, read: 2 }] },
    { chat: 'c1', marks: [{ user: 'alice', delivered: 3, read: 3 }] },
    { chat: 'c2', marks: [{ user: 'alice', delivered: 1, read: 0 }] },
  ];
  for (const order of [receipts, receipts.toReversed()]) {
    const fold = createMarkFold();
    for (const receipt of order) fold.add(receipt);
    expect(fold.size).toBe(2);
    const taken = fold.take().toSorted((one, other) => one.chat.localeCompare(other.chat));
    expect(taken).toEqual([
      { chat: 'c1', marks: [{ user: 'alice', delivered: 5, read: 3 }] },
      { chat: 'c2', marks: [{ user: 'alice', delivered: 1, read: 0 }] },
    ]);
  }
});

test('read is never above delivered', () => {
  const fold = createMarkFold();
  fold.add({ chat: 'c1', marks: [{ user: 'alice', delivered: 0, read: 7 }] });
  expect(fold.take()).toEqual([{ chat: 'c1', marks: [{ user: 'alice', delivered: 7, read: 7 }] }]);
});

test('what was taken is not given again', () => {
  const fold = createMarkFold();
  fold.add({ chat: 'c1', marks: [{ user: 'alice', delivered: 1, read: 1 }] });
  fold.take();
  expect(fold.size).toBe(0);
  expect(fold.take()).toEqual([]);
});
