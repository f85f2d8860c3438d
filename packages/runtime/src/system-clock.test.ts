import { expect, test } from 'vitest';
import { systemClock } from './system-clock.ts';

test('a sleep ends at once when its signal aborts, and when it was aborted before', async () => {
  const abort = new AbortController();
  const asleep = systemClock.sleep(3_600_000, abort.signal);
  abort.abort();
  await asleep;
  await systemClock.sleep(3_600_000, abort.signal);
  expect(abort.signal.aborted).toBe(true);
});

test('work for the end of the turn runs after the promises of this turn', async () => {
  const ran: string[] = [];
  const ended = new Promise<void>((resolve) =>
    systemClock.endOfTurn(() => {
      ran.push('end of turn');
      resolve();
    }),
  );
  void Promise.resolve().then(() => ran.push('promise'));
  await ended;
  expect(ran).toEqual(['promise', 'end of turn']);
});

test('a cancelled timer does not run', async () => {
  const ran: string[] = [];
  const cancel = systemClock.after(0, () => ran.push('cancelled'));
  cancel();
  await new Promise<void>((resolve) => systemClock.after(1, resolve));
  expect(ran).toEqual([]);
});
