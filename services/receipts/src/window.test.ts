import { createManualClock } from '@garam/testkit/manual-clock';
import { expect, test } from 'vitest';
import { createWindow } from './window.ts';

function rig() {
  const clock = createManualClock();
  const closedAt: number[] = [];
  const abort = new AbortController();
  const close = async () => void closedAt.push(clock.monotonic());
  return { clock, closedAt, abort, window: createWindow({ clock, signal: abort.signal, lengthMs: 200, close }) };
}

test('a single receipt after a pause is not held back', async () => {
  const { clock, closedAt, window } = rig();
  await clock.advance(1_000);
  void window.open();
  await clock.advance(0);
  expect(closedAt).toEqual([1_000]);
});

test('windows close at most once per length, however often they are opened', async () => {
  const { clock, closedAt, window } = rig();
  for (let step = 0; step < 50; step++) {
    void window.open();
    await clock.advance(10);
  }
  expect(closedAt).toEqual([0, 200, 400]);
});

test('nothing closes after the assignment ended', async () => {
  const { clock, closedAt, window, abort } = rig();
  void window.open();
  await clock.advance(0);
  void window.open();
  abort.abort();
  await clock.advance(1_000);
  expect(closedAt).toEqual([0]);
});
