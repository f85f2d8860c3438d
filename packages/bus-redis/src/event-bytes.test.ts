import { eventAt } from '@garam/testkit/bus-values';
import { expect, test } from 'vitest';
import { createEventBytes } from './event-bytes.ts';

test('an event published to many instances is encoded once', () => {
  const bytesOf = createEventBytes();
  const events = Array.from({ length: 1_500 }, (_, rev) => eventAt('a', rev + 1));
  const bytes = events.map(bytesOf);
  for (const [index, event] of events.entries()) expect(bytesOf(event)).toBe(bytes[index]);
});

test('what was published long ago is not kept', () => {
  const bytesOf = createEventBytes();
  const first = eventAt('a', 1);
  const bytes = bytesOf(first);
  for (let rev = 2; rev < 3_000; rev++) bytesOf(eventAt('a', rev));
  expect(bytesOf(first)).not.toBe(bytes);
  expect(bytesOf(first)).toEqual(bytes);
});
