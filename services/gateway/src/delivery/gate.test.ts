import type { EventRecord } from '@garam/contracts/event-record';
import { expect, test } from 'vitest';
import { Gate, HELD_MAX, HELD_TOTAL_MAX } from './gate.ts';

const event = (rev: number): EventRecord => {
  return { chat: 'c', rev, seq: 0, clock: rev, by: 'alice', body: { type: 'message.deleted', seq: 1 } };
};

test('what a gate holds is bounded, and so is what all gates hold together', () => {
  const holding = { events: 0 };
  const gates = Array.from({ length: 60 }, (_, index) => new Gate(`c${index}`, holding));
  for (const gate of gates) for (let rev = 2; rev < HELD_MAX + 100; rev++) gate.hold(event(rev));
  expect(gates[0]!.held!.size).toBe(HELD_MAX);
  expect(holding.events).toBe(HELD_TOTAL_MAX);
});

test('what passes, has become old or belongs to a closed gate is held no longer', () => {
  const holding = { events: 0 };
  const [one, other] = [new Gate('c1', holding), new Gate('c2', holding)];
  for (const rev of [1, 2, 2, 3]) one.hold(event(rev));
  other.hold(event(9));
  expect(holding.events).toBe(4);
  expect(one.takeNext()?.rev).toBe(1);
  expect(holding.events).toBe(3);
  one.last = 5;
  expect(one.takeNext()).toBeUndefined();
  expect(holding.events).toBe(1);
  other.close();
  expect(holding.events).toBe(0);
});
