import { createManualClock } from '@garam/testkit/manual-clock';
import { expect, test } from 'vitest';
import { LogError, type LogRecord } from '../event-log.ts';
import { createLogTail, LOG_TAIL_DEFAULTS, type TailedLog } from './log-tail.ts';

const TOPIC = 'events';

/** A log of two partitions, the usual way as a flag, and a tail over them. */
function rig(options: { mend?: () => Promise<void> } = {}) {
  const clock = createManualClock();
  const partitions: LogRecord[][] = [[], []];
  const state = { isLogAway: false, isWhole: true };
  const read: number[][] = [[], []];
  const switches: string[] = [];
  let reads = 0;
  const reach = () => {
    if (state.isLogAway) throw new LogError('unavailable', 'away');
  };
  const log: TailedLog = {
    partitions: 2,
    async read(_topic, partition, offset, max) {
      reads += 1;
      reach();
      return partitions[partition]!.slice(offset, offset + max);
    },
    async end(_topic, partition) {
      reach();
      return partitions[partition]!.length;
    },
    async offsetAt(_topic, partition, timestamp) {
      reach();
      const found = partitions[partition]!.findIndex((record) => record.timestamp >= timestamp);
      return found < 0 ? partitions[partition]!.length : found;
    },
  };
  const tail = createLogTail(
    {
      log,
      clock,
      owner: {
        records: (records) => records.forEach(({ partition, offset }) => read[partition]!.push(offset)),
        mend: options.mend ?? (() => Promise.resolve()),
        isWhole: () => state.isWhole,
        switched: (to, { partition }) => switches.push(`${partition}:${to}`),
      },
    },
    { ...LOG_TAIL_DEFAULTS, topics: [TOPIC], recordsMax: 10 },
  );
  tail.start();
  return {
    clock,
    state,
    read,
    switches,
    tail,
    reads: () => reads,
    append(partition: number, count = 1) {
      const records = partitions[partition]!;
      for (let index = 0; index < count; index++) {
        const offset = records.length;
        const headers = {};
        records.push({
          topic: TOPIC,
          partition,
          offset,
          timestamp: clock.now(),
          key: 'k',
          value: new Uint8Array(),
          headers,
        });
      }
    },
    /** The consumer of each partition publishes everything and says so every second. */
    async healthyFor(ms: number, of: readonly number[] = [0, 1]) {
      for (let elapsed = 0; elapsed < ms; elapsed += 1_000) {
        for (const partition of of) tail.heard(TOPIC, partition, partitions[partition]!.length);
        await clock.advance(Math.min(1_000, ms - elapsed));
      }
    },
  };
}

test('while heartbeats come nothing is read', async () => {
  const { append, healthyFor, reads, tail } = rig();
  append(0, 5);
  await healthyFor(20_000);
  expect([reads(), tail.tailing]).toEqual([0, 0]);
});

test('a partition whose heartbeats stop is read from 30 s before the last one on; the others are not', async () => {
  const { append, healthyFor, read, tail, clock } = rig();
  append(0);
  await healthyFor(20_000);
  append(0);
  await healthyFor(20_000);
  append(0);
  await healthyFor(4_000, [1]);
  append(0);
  await clock.advance(100);
  expect(read).toEqual([[1, 2, 3], []]);
  expect(tail.tailing).toBe(1);
  expect(tail.isCut).toBe(false);
});

test('a process that stood still has not been in silence', async () => {
  const { healthyFor, tail, clock } = rig();
  await healthyFor(5_000);
  // The wall moved by an hour between two looks: one look was missed, not thousands.
  const { monotonic } = clock;
  clock.monotonic = () => monotonic.call(clock) + 3_600_000;
  await clock.advance(1_000);
  expect(tail.tailing).toBe(0);
});

test('a lost bus: all partitions are read, at once', async () => {
  const { append, healthyFor, read, tail, clock } = rig();
  await healthyFor(5_000);
  append(0);
  append(1);
  tail.lost(true);
  expect(tail.isCut).toBe(true);
  await tail.covered();
  await clock.advance(60);
  append(1, 25);
  await clock.advance(60);
  expect(read[0]).toEqual([0]);
  expect(read[1]).toHaveLength(26);
});

test('several calls that fail in a row are a loss; one that works in between begins the count anew', async () => {
  const { healthyFor, tail } = rig();
  await healthyFor(2_000);
  tail.busFailed();
  tail.busFailed();
  tail.busWorked();
  tail.busFailed();
  tail.busFailed();
  expect(tail.isCut).toBe(false);
  tail.busFailed();
  expect(tail.isCut).toBe(true);
});

test('back only when the owner has mended, the consumer has caught up and the end has been read', async () => {
  let mended: () => void = () => undefined;
  const { append, healthyFor, read, tail, clock, switches } = rig({
    mend: () => new Promise((resolve) => (mended = resolve)),
  });
  await healthyFor(2_000);
  tail.lost(true);
  await clock.advance(5_000);
  tail.lost(false);
  append(0, 30);
  const farBehindFor = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      tail.heard(TOPIC, 0, 1);
      await clock.advance(1_000);
    }
  };
  await farBehindFor(5);
  expect(tail.isCut).toBe(true);
  mended();
  await clock.settle();
  expect(tail.isCut).toBe(false);
  await farBehindFor(5);
  expect(switches.filter((each) => each.startsWith('0:'))).toEqual(['0:tail']);
  await healthyFor(4_000);
  expect(tail.tailing).toBe(0);
  expect(read[0]).toHaveLength(30);
  append(0);
  await healthyFor(1_000);
  expect(read[0]).toHaveLength(30);
});

test('what the owner has not written is not relied on: mending is tried again', async () => {
  const { healthyFor, tail, state } = rig();
  await healthyFor(2_000);
  tail.lost(true);
  state.isWhole = false;
  tail.lost(false);
  await healthyFor(5_000);
  expect(tail.isCut).toBe(true);
  state.isWhole = true;
  await healthyFor(5_000);
  expect([tail.isCut, tail.tailing]).toEqual([false, 0]);
});

test('a loss while mending counts: what was mended before it is worth nothing', async () => {
  const mends: (() => void)[] = [];
  const { tail, clock } = rig({ mend: () => new Promise((resolve) => mends.push(resolve)) });
  tail.lost(true);
  tail.lost(false);
  tail.lost(true);
  mends[0]!();
  await clock.advance(1_000);
  expect(tail.isCut).toBe(true);
});

test('whoever rests on the tail waits until it is known where it begins, and not for ever', async () => {
  const { tail, clock, state } = rig();
  state.isLogAway = true;
  tail.lost(true);
  const covered = tail.covered();
  covered.catch(() => undefined);
  await clock.advance(10_000);
  await expect(covered).rejects.toMatchObject({ reason: 'unavailable' });
  state.isLogAway = false;
  await clock.advance(3_000);
  await tail.covered();
});

test('a log that is away is asked again with a growing pause; nothing is skipped', async () => {
  const { append, read, tail, clock, state, reads } = rig();
  tail.lost(true);
  append(0);
  await clock.advance(100);
  state.isLogAway = true;
  append(0);
  const before = reads();
  await clock.advance(20_000);
  expect(reads() - before).toBeLessThan(80);
  state.isLogAway = false;
  await clock.advance(3_000);
  expect(read[0]).toEqual([0, 1]);
});
