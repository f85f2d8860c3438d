import { createManualClock } from '@garam/testkit/manual-clock';
import { expect, test } from 'vitest';
import { createPositionCommit } from './commit-position.ts';
import type { Assignment } from './event-log.ts';

function rig() {
  const clock = createManualClock();
  const abort = new AbortController();
  const commits: [at: number, position: number][] = [];
  const errors: unknown[] = [];
  const failing = { now: false };
  const assignment: Assignment = {
    topic: 't',
    partition: 0,
    start: 10,
    signal: abort.signal,
    async commit(position) {
      if (failing.now) throw new Error('away');
      commits.push([clock.monotonic(), position]);
    },
  };
  const onError = (error: unknown) => errors.push(error);
  return {
    clock,
    abort,
    commits,
    errors,
    failing,
    position: createPositionCommit(assignment, clock, { intervalMs: 100, onError }),
  };
}

test('the newest position is committed, at most once per interval', async () => {
  const { clock, commits, position } = rig();
  for (let next = 11; next <= 40; next++) {
    position.done(next);
    await clock.advance(10);
  }
  await clock.advance(1_000);
  expect(commits).toEqual([
    [100, 20],
    [200, 30],
    [300, 40],
  ]);
});

test('a failed commit is tried again by itself', async () => {
  const { clock, commits, errors, failing, position } = rig();
  failing.now = true;
  position.done(11);
  await clock.advance(250);
  failing.now = false;
  await clock.advance(100);
  expect(errors).toHaveLength(2);
  expect(commits).toEqual([[300, 11]]);
});

test('a position never goes back', async () => {
  const { clock, commits, position } = rig();
  position.done(20);
  await clock.advance(200);
  position.done(15);
  await clock.advance(200);
  await position.flush();
  expect(commits).toEqual([[100, 20]]);
});

test('a flush commits at once and rejects when it cannot', async () => {
  const { commits, failing, position } = rig();
  position.done(12);
  failing.now = true;
  await expect(position.flush()).rejects.toThrow('away');
  failing.now = false;
  await position.flush();
  expect(commits).toEqual([[0, 12]]);
});

test('nothing is armed after the assignment ended', async () => {
  const { clock, abort, commits, position } = rig();
  abort.abort();
  position.done(12);
  await clock.advance(1_000);
  expect(commits).toEqual([]);
  expect(clock.timers).toBe(0);
});
