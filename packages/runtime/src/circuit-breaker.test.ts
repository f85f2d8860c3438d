import { createManualClock } from '@garam/testkit/manual-clock';
import { expect, test } from 'vitest';
import { BreakerOpen, createBreaker, type BreakerState } from './circuit-breaker.ts';

class Down extends Error {}

function setUp() {
  const clock = createManualClock();
  const states: BreakerState[] = [];
  const breaker = createBreaker({
    clock,
    failuresMax: 3,
    probeAfterMs: 100,
    probeAfterMaxMs: 1_000,
    isFailure: (error) => error instanceof Down,
    onChange: (state) => states.push(state),
  });
  const fail = () => breaker.run(() => Promise.reject(new Down())).catch((error: unknown) => error);
  const succeed = () => breaker.run(async () => 'ok');
  return { clock, states, breaker, fail, succeed };
}

async function opened() {
  const parts = setUp();
  for (let failures = 0; failures < 3; failures++) await parts.fail();
  return parts;
}

test('closed it passes on results and errors, and opens only after failures in a row', async () => {
  const { breaker, fail, succeed } = setUp();
  expect(await succeed()).toBe('ok');
  for (let rounds = 0; rounds < 5; rounds++) {
    expect(await fail()).toBeInstanceOf(Down);
    expect(await fail()).toBeInstanceOf(Down);
    expect(await succeed()).toBe('ok');
  }
  expect(breaker.state).toBe('closed');
});

test('open it refuses at once and starts nothing', async () => {
  const { breaker } = await opened();
  let started = 0;
  const task = async () => started++;
  await expect(breaker.run(task)).rejects.toThrow(BreakerOpen);
  expect([breaker.state, started]).toEqual(['open', 0]);
});

test("errors of the caller's own fault never open it", async () => {
  const { breaker } = setUp();
  for (let tries = 0; tries < 10; tries++)
    await expect(breaker.run(() => Promise.reject(new Error('invalid')))).rejects.toThrow('invalid');
  expect(breaker.state).toBe('closed');
});

test('after a while one probe runs, and nothing beside it; its success closes', async () => {
  const { clock, breaker, states, succeed } = await opened();
  await clock.advance(100);
  const answer = Promise.withResolvers<string>();
  const probe = breaker.run(() => answer.promise);
  await expect(succeed()).rejects.toThrow(BreakerOpen);
  answer.resolve('back');
  expect(await probe).toBe('back');
  expect(await succeed()).toBe('ok');
  expect(states).toEqual(['open', 'half-open', 'closed']);
});

test('a probe that fails opens it again, each time for longer up to a bound', async () => {
  const { clock, breaker, fail } = await opened();
  const waits: number[] = [];
  for (let probes = 0; probes < 30; probes++) {
    let waitedMs = 0;
    while ((await fail()) instanceof BreakerOpen) {
      await clock.advance(10);
      waitedMs += 10;
    }
    expect(breaker.state).toBe('open');
    waits.push(waitedMs);
  }
  expect(waits[0]).toBe(100);
  expect(Math.min(...waits)).toBe(100);
  expect(Math.max(...waits)).toBeGreaterThan(500);
  expect(Math.max(...waits)).toBeLessThanOrEqual(1_010);
});

test('results of what was started before it opened neither close it nor put off the probe', async () => {
  const { clock, breaker, fail, succeed } = setUp();
  const [early, late] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
  const [first, second] = [breaker.run(() => early.promise), breaker.run(() => late.promise)];
  for (let failures = 0; failures < 3; failures++) await fail();
  early.resolve('late answer');
  expect(await first).toBe('late answer');
  expect(breaker.state).toBe('open');
  await clock.advance(100);
  late.reject(new Down());
  await expect(second).rejects.toThrow(Down);
  expect(await succeed()).toBe('ok');
  expect(breaker.state).toBe('closed');
});

test('a task that throws before it has a promise counts like one that rejects', async () => {
  const { breaker } = setUp();
  const throwing = () => {
    throw new Down();
  };
  for (let tries = 0; tries < 3; tries++) await expect(breaker.run(throwing)).rejects.toThrow(Down);
  expect(breaker.state).toBe('open');
});
