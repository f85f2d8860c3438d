import { StoreError } from '@garam/store/store';
import { createManualClock } from '@garam/testkit/manual-clock';
import { errors } from 'cassandra-driver';
import { expect, test } from 'vitest';
import { createCalls } from './calls.ts';

const DEADLINE_MS = 1_000;

function setUp(limits: { inFlightMax?: number; waitingMax?: number } = {}) {
  const clock = createManualClock();
  const states: string[] = [];
  let failures = 0;
  const calls = createCalls({
    clock,
    deadlineMs: DEADLINE_MS,
    inFlightMax: limits.inFlightMax ?? 2,
    waitingMax: limits.waitingMax ?? 100,
    onFailure: () => failures++,
    onBreaker: (state) => states.push(state),
  });
  return { clock, calls, states, failures: () => failures };
}

const never = () => new Promise<string>(() => {});

test('a call ends with StoreError at its deadline, and what of it still waited is never sent', async () => {
  const { clock, calls, failures } = setUp({ inFlightMax: 1 });
  const first = Promise.withResolvers<string>();
  const blocking = calls.run((send) => send(() => first.promise));
  let sent = 0;
  const waiting = calls.run((send) => send(async () => sent++));
  const ended = Promise.allSettled([blocking, waiting]);
  await clock.advance(DEADLINE_MS);
  for (const result of await ended)
    expect(result).toMatchObject({ status: 'rejected', reason: expect.any(StoreError) });
  first.resolve('late');
  await clock.settle();
  expect([sent, failures()]).toEqual([0, 2]);
});

test('when too many statements wait, further calls are refused at once, and are taken again later', async () => {
  const { clock, calls } = setUp({ inFlightMax: 1, waitingMax: 2 });
  const answer = Promise.withResolvers<string>();
  const taken = [1, 2, 3].map(() => calls.run((send) => send(() => answer.promise)));
  await clock.settle();
  await expect(calls.run((send) => send(async () => 'no'))).rejects.toThrow('too many');
  answer.resolve('ok');
  expect(await Promise.all(taken)).toEqual(['ok', 'ok', 'ok']);
  expect(await calls.run((send) => send(async () => 'again'))).toBe('again');
});

test('a cluster that does not answer costs callers their time only until the breaker opens', async () => {
  const { clock, calls, states } = setUp({ inFlightMax: 10 });
  const slow = Promise.allSettled(Array.from({ length: 5 }, () => calls.run((send) => send(never))));
  await clock.advance(DEADLINE_MS);
  await slow;
  expect(states).toEqual(['open']);
  await expect(calls.run((send) => send(async () => 'ok'))).rejects.toThrow(StoreError);
  await clock.advance(250);
  expect(await calls.run((send) => send(async () => 'ok'))).toBe('ok');
  expect(states).toEqual(['open', 'half-open', 'closed']);
});

test('an invalid statement is a StoreError and never opens the breaker', async () => {
  const { calls, states } = setUp();
  const invalid = () => Promise.reject(new errors.ResponseError(0x2200, 'Invalid'));
  for (let tries = 0; tries < 20; tries++) await expect(calls.run((send) => send(invalid))).rejects.toThrow(StoreError);
  expect(states).toEqual([]);
});

test('closed, every call is refused', async () => {
  const { calls } = setUp();
  calls.close();
  await expect(calls.run((send) => send(async () => 1))).rejects.toThrow(StoreError);
});
