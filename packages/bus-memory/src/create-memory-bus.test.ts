import type { BusEntry } from '@garam/contracts/bus-entry';
import { eventAt, typingEntry } from '@garam/testkit/bus-values';
import { createManualClock } from '@garam/testkit/manual-clock';
import { expect, test } from 'vitest';
import { createMemoryBus } from './create-memory-bus.ts';
import { createExpiringMap } from './expiring-map.ts';

test('everything published to an instance during a turn arrives in one call, by reference', async () => {
  const clock = createManualClock();
  const bus = createMemoryBus({ clock });
  const calls: (readonly BusEntry[])[] = [];
  await bus.subscribe('gateway', { entries: (entries) => calls.push(entries), resubscribed: () => {} });
  const event = eventAt('chat', 1);
  void bus.publish('gateway', [{ kind: 'event', event }]);
  void bus.publish('gateway', [typingEntry('a'), typingEntry('b')]);
  void bus.publish('gateway', []);
  await clock.settle();
  expect(calls.map((entries) => entries.length)).toEqual([3]);
  expect(calls[0]![0]).toMatchObject({ kind: 'event' });
  expect((calls[0]![0] as { event: unknown }).event).toBe(event);
  await bus.close();
});

test('beyond its bounds the chats that were quiet longest are forgotten', async () => {
  const bus = createMemoryBus({ clock: createManualClock(), chatsMax: 2, eventsMax: 5 });
  await bus.recent.appendAll([eventAt('a', 1), eventAt('b', 1), eventAt('a', 2), eventAt('c', 1)]);
  expect(await bus.recent.heads(['a', 'b', 'c'])).toEqual([2, 0, 1]);
  await bus.recent.appendAll([2, 3, 4, 5].map((rev) => eventAt('c', rev)));
  expect(await bus.recent.heads(['a', 'b', 'c'])).toEqual([0, 0, 5]);
  await bus.close();
});

test('an event that comes late is put in its place', async () => {
  const bus = createMemoryBus({ clock: createManualClock() });
  await bus.recent.appendAll([1, 2, 5, 3, 4, 3].map((rev) => eventAt('chat', rev)));
  expect((await bus.recent.range('chat', 0, 9)).map(({ rev }) => rev)).toEqual([1, 2, 3, 4, 5]);
  await bus.close();
});

test('leases that ran out are swept away, those that run stay', () => {
  const map = createExpiringMap();
  for (let key = 0; key < 100; key++) map.put(`${key}`, 'gateway', 0, key < 60 ? 1_000 : 9_000);
  for (let round = 0; round < 5; round++) map.sweep(5_000, 30);
  expect(map.size()).toBe(40);
  for (let round = 0; round < 5; round++) map.sweep(10_000, 30);
  expect(map.size()).toBe(0);
});

test('a closed bus rejects, and nothing published before is delivered any more', async () => {
  const clock = createManualClock();
  const bus = createMemoryBus({ clock });
  const received: BusEntry[] = [];
  await bus.subscribe('gateway', { entries: (entries) => received.push(...entries), resubscribed: () => {} });
  void bus.publish('gateway', [typingEntry('a')]);
  await bus.close();
  await clock.settle();
  expect(received).toEqual([]);
  await expect(bus.routes.get([])).rejects.toThrow(/closed/);
  expect(clock.timers).toBe(0);
});
