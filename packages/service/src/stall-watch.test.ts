import type { Assignment, LogRecord } from '@garam/eventlog/event-log';
import { createManualClock } from '@garam/testkit/manual-clock';
import { expect, test } from 'vitest';
import type { PartitionWork } from './consumer-service.ts';
import { createStallWatch } from './stall-watch.ts';

const STALL_MS = 60_000;

function rig(work: Partial<PartitionWork> = {}) {
  const clock = createManualClock();
  const stalls: string[] = [];
  const abort = new AbortController();
  let end = 0;
  const log = { end: async () => end };
  const watch = createStallWatch({ log, clock, onStall: ({ message }) => stalls.push(message) }, STALL_MS);
  const assignment: Assignment = {
    topic: 't',
    partition: 3,
    start: 0,
    signal: abort.signal,
    commit: async () => undefined,
  };
  const { handle } = watch.watched(assignment, {
    handle: async () => undefined,
    drain: async () => undefined,
    trouble: () => undefined,
    ...work,
  });
  return {
    stalls,
    abort,
    watch,
    /** Time passes as in a process that runs. */
    async pass(ms: number) {
      for (let passed = 0; passed < ms; passed += 1_000) await clock.advance(1_000);
    },
    handle: (offset: number) => handle([{ offset } as LogRecord]),
    grow(to: number) {
      end = to;
    },
  };
}

const never = () => new Promise<void>(() => undefined);

test('a batch that does not end is a stall', async () => {
  const { pass, handle, stalls } = rig({ handle: never });
  void handle(7);
  await pass(STALL_MS * 0.9);
  expect(stalls).toEqual([]);
  await pass(STALL_MS * 0.4);
  expect(stalls[0]).toMatch('t/3 at offset 8: nothing finished for 60000 ms: a batch does not end');
});

test('records that wait and are not handed over are a stall', async () => {
  const { pass, handle, grow, stalls } = rig();
  grow(5);
  await handle(4);
  await pass(STALL_MS * 2);
  expect(stalls).toEqual([]);
  grow(6);
  await pass(STALL_MS * 1.4);
  expect(stalls[0]).toMatch('records wait');
});

test('batches that end, however slowly, are none', async () => {
  const { pass, handle, grow, stalls } = rig();
  grow(1_000);
  for (let offset = 0; offset < 5; offset++) {
    await handle(offset);
    await pass(STALL_MS * 0.9);
  }
  expect(stalls).toEqual([]);
});

test('trouble that is named and repeated is none', async () => {
  const { pass, handle, stalls } = rig({ handle: never, trouble: () => 'apply: the store is away' });
  void handle(1);
  await pass(STALL_MS * 5);
  expect(stalls).toEqual([]);
});

test('a partition that was taken away is watched no longer', async () => {
  const { pass, handle, abort, stalls } = rig({ handle: never });
  void handle(1);
  abort.abort();
  await pass(STALL_MS * 2);
  expect(stalls).toEqual([]);
});

test('nothing is watched after the end', async () => {
  const { pass, handle, watch, stalls } = rig({ handle: never });
  void handle(1);
  watch.stop();
  await pass(STALL_MS * 2);
  expect(stalls).toEqual([]);
});
