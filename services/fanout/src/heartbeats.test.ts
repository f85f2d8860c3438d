import type { BusEntry } from '@garam/contracts/bus-entry';
import { createMemoryBus } from '@garam/bus-memory/create-memory-bus';
import type { Assignment, LogRecord } from '@garam/eventlog/event-log';
import { quietLogger } from '@garam/telemetry/logger';
import { createManualClock } from '@garam/testkit/manual-clock';
import { expect, test } from 'vitest';
import { createHeartbeats } from './heartbeats.ts';

async function rig() {
  const clock = createManualClock();
  const bus = createMemoryBus({ clock });
  const heard: BusEntry[] = [];
  await bus.subscribe('gateways', { entries: (entries) => heard.push(...entries), resubscribed() {} });
  const heartbeats = createHeartbeats({ bus, clock, logger: quietLogger });
  const abort = new AbortController();
  const assignment: Assignment = { topic: 't', partition: 3, start: 10, signal: abort.signal, commit: async () => {} };
  let finish: () => void = () => undefined;
  const work = heartbeats.watched(assignment, {
    handle: () => new Promise<void>((resolve) => (finish = resolve)),
    drain: async () => {},
    trouble: () => undefined,
  });
  heartbeats.start();
  const batch = [{ offset: 10 }, { offset: 11 }] as unknown as LogRecord[];
  return { clock, bus, heard, heartbeats, abort, work, batch, finish: () => finish() };
}

const beat = (offset: number) => ({ kind: 'heartbeat', topic: 't', partition: 3, offset });

test('an owned partition beats every second with what has been published', async () => {
  const { clock, heard, work, batch, finish } = await rig();
  await clock.advance(1_000);
  const handling = work.handle(batch);
  finish();
  await handling;
  await clock.advance(1_000);
  expect(heard).toEqual([beat(10), beat(12)]);
});

test('one whose batch does not end is silent, and beats again when it does', async () => {
  const { clock, heard, work, batch, finish } = await rig();
  const handling = work.handle(batch);
  await clock.advance(5_000);
  expect(heard).toEqual([beat(10)]);
  finish();
  await handling;
  await clock.advance(1_000);
  expect(heard).toEqual([beat(10), beat(12)]);
});

test('one that was taken away is silent', async () => {
  const { clock, heard, abort } = await rig();
  abort.abort();
  await clock.advance(3_000);
  expect(heard).toEqual([]);
});

test('a bus that is away costs heartbeats only', async () => {
  const { clock, bus, heard } = await rig();
  bus.setReachable(false);
  await clock.advance(3_000);
  bus.setReachable(true);
  await clock.advance(1_000);
  expect(heard).toEqual([beat(10)]);
});
