import { expect, test } from 'vitest';
import type { SendRecord } from '../evidence.ts';
import { measureFault } from './measure-fault.ts';

const times = { beganAt: 100, endedAt: 200, recoveredAt: 300 };

function send(firstWrittenAt: number | null, ackedAt: number | null): SendRecord {
  const place = { chat: 'c', by: 'a', clientId: 'x', text: '', order: 0, seq: 1, rev: 1 };
  return { ...place, outcome: ackedAt === null ? 'pending' : 'acked', attempts: 1, firstWrittenAt, ackedAt, trail: [] };
}

test('sends are under way when they were written before the end and not acknowledged before the begin', () => {
  const sends = [send(10, 99), send(10, 101), send(150, 160), send(199, 400), send(201, 210), send(null, null)];
  expect(measureFault({ kind: 'kill' }, times, sends).inFlight).toBe(3);
});

test('what Redis forgot is missing until everybody is served again', () => {
  expect(measureFault({ kind: 'flush' }, times, [send(250, 260), send(301, 310)]).inFlight).toBe(1);
});

test('the longest stall is that of any send until the recovery', () => {
  expect(measureFault({ kind: 'pause' }, times, [send(10, 150), send(250, 290), send(400, 900)]).longestStallMs).toBe(
    140,
  );
});
