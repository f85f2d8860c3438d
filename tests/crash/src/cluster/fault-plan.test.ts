import { createRandom } from '@garam/tests-driver/random';
import { expect, test } from 'vitest';
import { TWO_OF_EACH } from './cluster-world.ts';
import { planFaults, VICTIMS } from './fault-plan.ts';

const SESSION_MS = 6_000;

test('every seed kills and pauses each service, restarts each server and flushes Redis', () => {
  for (let seed = 1; seed <= 50; seed += 1) {
    const faults = planFaults(createRandom(seed), TWO_OF_EACH, 0);
    const met = new Set(faults.map(({ kind, process }) => `${kind} ${process.replace(/-\d$/, '')}`));
    for (const service of VICTIMS) for (const kind of ['kill', 'pause']) expect(met).toContain(`${kind} ${service}`);
    for (const server of ['kafka', 'cassandra', 'redis']) expect(met).toContain(`restart ${server}`);
    expect(met).toContain('flush redis');
    const pauses = faults.filter(({ kind }) => kind === 'pause');
    expect(Math.min(...pauses.map(({ forMs }) => forMs))).toBeGreaterThan(SESSION_MS);
  }
});

test('a seed always gives the same faults, and a longer plan begins like a shorter one', () => {
  const [short, long] = [10, 30].map((extra) => planFaults(createRandom(7), TWO_OF_EACH, extra));
  expect(long!.slice(0, short!.length)).toEqual(short);
  expect(planFaults(createRandom(8), TWO_OF_EACH, 10)).not.toEqual(short);
});
