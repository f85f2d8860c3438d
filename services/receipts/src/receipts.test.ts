import { createMemoryBus, type MemoryBus } from '@garam/bus-memory/create-memory-bus';
import type { BusEntry } from '@garam/contracts/bus-entry';
import { toReceiptRecord } from '@garam/contracts/log-records';
import type { ReceiptMark } from '@garam/contracts/receipt-record';
import { TOPICS } from '@garam/contracts/topics';
import type { EventLog } from '@garam/eventlog/event-log';
import { createSqliteEventLog } from '@garam/eventlog-sqlite/create-sqlite-event-log';
import type { Service } from '@garam/service/service';
import { openSqlite } from '@garam/sqlite/open-sqlite';
import { createSqliteStore } from '@garam/store-sqlite/sqlite-store';
import { StoreError, type Store } from '@garam/store/store';
import { quietLogger } from '@garam/telemetry/logger';
import { noopMeter } from '@garam/telemetry/meter';
import { createManualClock, type ManualClock } from '@garam/testkit/manual-clock';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createReceipts, type ReceiptsOptions } from './receipts.ts';

const options: ReceiptsOptions = {
  windowMs: 200,
  pendingMarksMax: 1_000,
  unpublishedMarksMax: 1_000,
  backoff: { baseMs: 10, maxMs: 100 },
  commitIntervalMs: 100,
  startTimeoutMs: 1_000,
};
let clock: ManualClock;
let log: EventLog;
let store: Store;
let bus: MemoryBus;
let running: Service[];
let heard: { at: number; entry: BusEntry }[];
let numbers = 0;

beforeEach(async () => {
  clock = createManualClock();
  const file = openSqlite(':memory:', { clock });
  log = createSqliteEventLog(file, { clock, partitions: 1 });
  store = createSqliteStore(file);
  bus = createMemoryBus({ clock });
  running = [];
  heard = [];
  await bus.subscribe('g1', {
    entries: (entries) => heard.push(...entries.map((entry) => ({ at: clock.monotonic(), entry }))),
    resubscribed: () => undefined,
  });
  await bus.routes.add(['chat:c1', 'chat:c2'], 'g1', 3_600_000);
});

afterEach(async () => {
  for (const service of running) await service.stop();
  await log.close();
  await bus.close();
  await store.close();
});

async function start(given: Partial<ReceiptsOptions> = {}, from: Store = store): Promise<Service> {
  const deps = { log, store: from, bus, clock, logger: quietLogger, meter: noopMeter };
  const receipts = createReceipts(deps, { ...options, ...given });
  running.push(receipts);
  await receipts.start();
  return receipts;
}

const report = (chat: string, ...marks: ReceiptMark[]) =>
  log.append(TOPICS.receipts, toReceiptRecord({ chat, marks }, 0, `g1:${numbers++}`));
const mark = (user: string, delivered: number, read: number): ReceiptMark => ({ user, delivered, read });
const committed = () => log.committed('receipts', TOPICS.receipts, 0);

test('marks are maxima in the store, whatever the order they come in', async () => {
  await start();
  await report('c1', mark('alice', 5, 4));
  await clock.advance(300);
  await report('c1', mark('alice', 3, 2), mark('bob', 1, 0));
  await clock.advance(300);
  expect((await store.reads.marks('c1')).toSorted((one, other) => (one.user < other.user ? -1 : 1))).toEqual([
    mark('alice', 5, 4),
    mark('bob', 1, 0),
  ]);
  expect(await committed()).toBe(2);
});

test('within a window the marks of a chat are told once, merged; the first after a pause is told at once', async () => {
  await start();
  await clock.advance(1_000);
  for (let seq = 1; seq <= 10; seq++) {
    await report('c1', mark('alice', seq, seq));
    await report('c2', mark('bob', seq, 0));
    await clock.advance(19);
  }
  await clock.advance(500);
  const ofChat = heard.filter(({ entry }) => entry.kind === 'marks' && entry.chat === 'c1');
  expect(ofChat.map(({ entry }) => entry)).toEqual([
    { kind: 'marks', chat: 'c1', marks: [mark('alice', 1, 1)] },
    { kind: 'marks', chat: 'c1', marks: [mark('alice', 10, 10)] },
  ]);
  expect(ofChat[0]!.at).toBeLessThan(1_020);
  expect(ofChat[1]!.at - ofChat[0]!.at).toBeLessThanOrEqual(220);
});

test('while the store is away nothing is told and nothing committed; afterwards nothing is missing', async () => {
  let isAway = true;
  const raiseMarks: Store['writes']['raiseMarks'] = (rows) =>
    isAway ? Promise.reject(new StoreError('away')) : store.writes.raiseMarks(rows);
  const receipts = await start({}, { ...store, writes: { ...store.writes, raiseMarks } });
  await report('c1', mark('alice', 5, 4));
  await clock.advance(2_000);
  expect(heard).toEqual([]);
  expect(await committed()).toBe(0);
  expect(receipts.readiness()).toMatchObject({ ready: false });

  isAway = false;
  await clock.advance(1_000);
  expect(await store.reads.marks('c1')).toEqual([mark('alice', 5, 4)]);
  expect(heard).toHaveLength(1);
  expect(await committed()).toBe(1);
});

test('while the bus is away the store goes on and the position waits; afterwards the newest marks are told', async () => {
  await start();
  bus.setReachable(false);
  await report('c1', mark('alice', 1, 1));
  await clock.advance(1_000);
  await report('c1', mark('alice', 2, 2));
  await clock.advance(1_000);
  expect(await store.reads.marks('c1')).toEqual([mark('alice', 2, 2)]);
  expect(await committed()).toBe(0);

  bus.setReachable(true);
  await clock.advance(1_000);
  expect(heard.map(({ entry }) => entry)).toEqual([{ kind: 'marks', chat: 'c1', marks: [mark('alice', 2, 2)] }]);
  expect(await committed()).toBe(2);
});

test('what is kept for a bus that is away is bounded', async () => {
  await start({ unpublishedMarksMax: 2 });
  bus.setReachable(false);
  await report('c1', mark('alice', 1, 1), mark('bob', 1, 1), mark('carol', 1, 1));
  await clock.advance(1_000);
  expect(await committed()).toBe(1);
  bus.setReachable(true);
  await clock.advance(1_000);
  expect(heard).toEqual([]);
  expect(await store.reads.marks('c1')).toHaveLength(3);
});

test('a new owner folds again what was not committed, and nothing changes', async () => {
  const first = await start({ commitIntervalMs: 60_000 });
  await report('c1', mark('alice', 5, 4));
  await clock.advance(1_000);
  await first.stop();
  expect(await committed()).toBe(0);
  await start();
  await clock.advance(1_000);
  expect(await store.reads.marks('c1')).toEqual([mark('alice', 5, 4)]);
  expect(await committed()).toBe(1);
});

test('what cannot be decoded goes to the dead letters', async () => {
  await start();
  await log.append(TOPICS.receipts, { partition: 0, key: 'c1', value: new Uint8Array([7]) });
  await report('c1', mark('alice', 1, 1));
  await clock.advance(1_000);
  expect(await log.read('garam.chat.receipts.v1.receipts.dlq', 0, 0, 10)).toHaveLength(1);
  expect(await store.reads.marks('c1')).toHaveLength(1);
  expect(await committed()).toBe(2);
});

test('a drained service has written, told and committed what it took', async () => {
  const receipts = await start();
  await report('c1', mark('alice', 1, 1));
  await clock.settle();
  await report('c1', mark('alice', 2, 2));
  await clock.settle();
  await receipts.drain(1_000);
  await clock.settle();
  expect(await store.reads.marks('c1')).toEqual([mark('alice', 2, 2)]);
  expect(await committed()).toBe(2);
});
