import { LogError, type EventLog, type NewRecord } from '@garam/eventlog/event-log';
import { createBlockingRetry } from '@garam/service/blocking-retry';
import { quietLogger } from '@garam/telemetry/logger';
import { createManualClock } from '@garam/testkit/manual-clock';
import { expect, test } from 'vitest';
import { createOutbox, type Output } from './outbox.ts';

/** An outbox on a log whose appends the test answers one by one. */
function rig(bounds: { batchRecordsMax?: number; batchBytesMax?: number } = {}) {
  const clock = createManualClock();
  const abort = new AbortController();
  const appends: { topic: string; keys: string[]; done(): void; fail(): void }[] = [];
  const appendBatch: EventLog['appendBatch'] = (topic, _partition, records) =>
    new Promise((resolve, reject) => {
      appends.push({
        topic,
        keys: records.map(({ key }) => key),
        done: () => resolve({ offset: 0, timestamp: 0 }),
        fail: () => reject(new LogError('unknown', 'lost')),
      });
    });
  const { signal } = abort;
  const backoff = { baseMs: 10, maxMs: 10 };
  const acknowledged: number[] = [];
  const outbox = createOutbox(
    {
      log: { appendBatch } as EventLog,
      retry: createBlockingRetry({ signal, clock, logger: quietLogger, backoff }),
      signal,
    },
    {
      partition: 0,
      topics: { events: 'events', replies: 'replies', deadLetters: 'dead' },
      batchRecordsMax: 100,
      batchBytesMax: 1_000,
      ...bounds,
      onAcknowledged: () => undefined,
    },
  );
  const add = (offset: number, kinds: { events?: number; replies?: number }, bytes = 1) => {
    const made = (count = 0): NewRecord[] =>
      Array.from({ length: count }, () => ({ partition: 0, key: `o${offset}`, value: new Uint8Array(bytes) }));
    const output: Output = {
      offset,
      events: made(kinds.events),
      replies: made(kinds.replies),
      deadLetters: [],
      acknowledged: () => void acknowledged.push(offset),
    };
    outbox.add(output);
  };
  return { clock, abort, appends, acknowledged, outbox, add };
}

test('one batch is under way; what is added meanwhile is the next one', async () => {
  const { clock, appends, outbox, add, acknowledged } = rig();
  add(1, { events: 1 });
  outbox.send();
  add(2, { events: 1 });
  add(3, { events: 2 });
  outbox.send();
  await clock.settle();
  expect(appends.map(({ keys }) => keys)).toEqual([['o1']]);
  appends[0]!.done();
  await clock.settle();
  expect(appends.map(({ keys }) => keys)).toEqual([['o1'], ['o2', 'o3', 'o3']]);
  expect(acknowledged).toEqual([1]);
});

test('a failed batch is appended again unchanged, and nothing before it is acknowledged', async () => {
  const { clock, appends, outbox, add, acknowledged } = rig();
  add(1, { events: 2 });
  outbox.send();
  await clock.settle();
  add(2, { events: 1 });
  outbox.send();
  appends[0]!.fail();
  await clock.advance(100);
  expect(appends.map(({ keys }) => keys)).toEqual([
    ['o1', 'o1'],
    ['o1', 'o1'],
  ]);
  expect(acknowledged).toEqual([]);
  expect(outbox.oldestOffset()).toBe(1);
  appends[1]!.done();
  await clock.settle();
  expect(acknowledged).toEqual([1]);
});

test('a command counts as acknowledged only when its events and its batch of replies both are', async () => {
  const { clock, appends, outbox, add, acknowledged } = rig();
  add(1, { events: 1 });
  add(2, { replies: 1 });
  outbox.send();
  await clock.settle();
  expect(appends.map(({ topic }) => topic)).toEqual(['events', 'replies']);
  appends[0]!.done();
  await clock.settle();
  expect(acknowledged).toEqual([]);
  appends[1]!.done();
  await clock.settle();
  expect(acknowledged).toEqual([1, 2]);
});

test('what is added in whatever step around the end of a batch is sent by itself', async () => {
  for (let steps = 0; steps < 12; steps++) {
    const { clock, appends, outbox, add } = rig();
    add(1, { events: 1 });
    outbox.send();
    await clock.settle();
    appends[0]!.done();
    for (let step = 0; step < steps; step++) await Promise.resolve();
    add(2, { events: 1 });
    outbox.send();
    await clock.settle();
    expect(
      appends.map(({ keys }) => keys),
      `${steps} steps after`,
    ).toEqual([['o1'], ['o2']]);
  }
});

test('batches are bounded in records and in bytes, but never empty', async () => {
  const { clock, appends, outbox, add } = rig({ batchRecordsMax: 2, batchBytesMax: 50 });
  for (const offset of [1, 2, 3]) add(offset, { events: 1 });
  add(4, { events: 1 }, 100);
  outbox.send();
  for (let index = 0; index < 3; index++) {
    await clock.settle();
    appends[index]!.done();
  }
  await clock.settle();
  expect(appends.map(({ keys }) => keys)).toEqual([['o1', 'o2'], ['o3'], ['o4']]);
});

test('the oldest offset is that of a command decided late, wherever it stands', () => {
  const { outbox, add } = rig();
  add(7, { events: 1 });
  outbox.send();
  add(9, { events: 1 });
  add(3, { events: 1 });
  expect(outbox.oldestOffset()).toBe(3);
});

test('nothing is tried again after the assignment ended', async () => {
  const { clock, abort, appends, outbox, add } = rig();
  add(1, { events: 1 });
  outbox.send();
  await clock.settle();
  abort.abort();
  appends[0]!.fail();
  await clock.advance(1_000);
  expect(appends).toHaveLength(1);
  await outbox.idle();
});
