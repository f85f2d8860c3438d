import { expect, test } from 'vitest';
import { Outbox } from './outbox.ts';
import type { OutboxEntry } from './outbox.ts';

function filled(count: number): { outbox: Outbox; entries: OutboxEntry[] } {
  const outbox = new Outbox();
  const entries = Array.from({ length: count }, (_, order): OutboxEntry => {
    const record = { chat: 'c', by: 'a', clientId: `m${order}`, text: '', order, outcome: 'pending' as const };
    const unwritten = { seq: null, rev: null, attempts: 0, firstWrittenAt: null, ackedAt: null, trail: [] };
    const state = 'queued' as const;
    return { record: { ...record, ...unwritten }, fields: {}, doomed: false, deaf: false, state, writtenAt: 0 };
  });
  for (const entry of entries) outbox.add(entry);
  return { outbox, entries };
}

const orders = (entries: OutboxEntry[]): number[] => entries.map(({ record }) => record.order);

test('commands go out in order and once', () => {
  const { outbox } = filled(3);
  expect(orders(outbox.take(2, 1))).toEqual([0, 1]);
  expect(orders(outbox.take(5, 2))).toEqual([2]);
  expect(outbox.take(5, 3)).toEqual([]);
});

test('after a temporary refusal nothing goes out until all replies are in and the wait is over, then all in order', () => {
  const { outbox, entries } = filled(4);
  outbox.take(3, 1);
  outbox.end(entries[0]!, 50);
  expect(outbox.take(5, 60)).toEqual([]);
  outbox.end(entries[1]!, 20);
  outbox.settle(entries[2]!);
  expect(outbox.take(5, 49)).toEqual([]);
  expect(orders(outbox.take(5, 50))).toEqual([0, 1, 3]);
  expect(entries.map(({ record }) => record.attempts)).toEqual([2, 2, 1, 1]);
});

test('what was in flight on a lost connection is unknown and goes out again first', () => {
  const { outbox, entries } = filled(3);
  outbox.take(2, 1);
  outbox.settle(entries[0]!);
  expect(outbox.connectionLost()).toBe(1);
  expect(orders(outbox.take(5, 2))).toEqual([1, 2]);
  expect(entries[1]!.record.firstWrittenAt).toBe(1);
});
