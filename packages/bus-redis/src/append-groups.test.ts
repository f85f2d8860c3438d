import { eventAt } from '@garam/testkit/bus-values';
import { expect, test } from 'vitest';
import { appendGroups } from './append-groups.ts';
import { createEventBytes } from './event-bytes.ts';
import { keySlot } from './key-slot.ts';

const single = { keyOf: (chat: string) => `{${chat}}`, bytesOf: createEventBytes(), isCluster: false };
const cluster = { ...single, isCluster: true };

test('the events of one batch go together, those of a chat in their order', () => {
  const [group, ...more] = appendGroups([eventAt('a', 1), eventAt('b', 7), eventAt('a', 2)], single);
  expect(more).toEqual([]);
  expect(group!.keys).toEqual(['{a}', '{b}']);
  expect(group!.args.filter((arg) => typeof arg === 'number')).toEqual([2, 1, 2, 1, 7]);
});

test('commands stay small: by chats, by bytes, and on a cluster by slot', () => {
  const chats = Array.from({ length: 300 }, (_, index) => eventAt(`chat-${index}`, 1));
  expect(appendGroups(chats, single).map(({ keys }) => keys.length)).toEqual([128, 128, 44]);
  for (const { keys } of appendGroups(chats, cluster)) expect(new Set(keys.map(keySlot)).size).toBe(1);
  const text = 'x'.repeat(60_000);
  const big = Array.from({ length: 10 }, (_, index) => {
    const event = eventAt('a', index + 1);
    return { ...event, body: { ...event.body, text } };
  });
  const groups = appendGroups(big, single);
  expect(groups.map(({ args }) => args.filter((arg) => typeof arg !== 'number').length)).toEqual([4, 4, 2]);
});
