import { toEventRecord } from '@garam/contracts/log-records';
import { TOPICS } from '@garam/contracts/topics';
import type { EventLog } from '@garam/eventlog/event-log';
import { createSqliteEventLog } from '@garam/eventlog-sqlite/create-sqlite-event-log';
import type { Service } from '@garam/service/service';
import { openSqlite } from '@garam/sqlite/open-sqlite';
import { createSqliteStore } from '@garam/store-sqlite/sqlite-store';
import { StoreError, type Store } from '@garam/store/store';
import type { ViewWrites } from '@garam/store/view-writes';
import { quietLogger } from '@garam/telemetry/logger';
import { noopMeter } from '@garam/telemetry/meter';
import { createManualClock, type ManualClock } from '@garam/testkit/manual-clock';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createPersister, persisterParts, type PersisterOptions, type PersisterParts } from './persister.ts';
import { chatHistory } from './testing/chat-history.ts';

const options: PersisterOptions = {
  backoff: { baseMs: 10, maxMs: 100 },
  paceMs: 0,
  commitIntervalMs: 100,
  startTimeoutMs: 1_000,
};
let clock: ManualClock;
let log: EventLog;
let store: Store;
let running: Service[];

beforeEach(() => {
  clock = createManualClock();
  const file = openSqlite(':memory:', { clock });
  log = createSqliteEventLog(file, { clock, partitions: 1 });
  store = createSqliteStore(file);
  running = [];
});

afterEach(async () => {
  for (const service of running) await service.stop();
  await log.close();
  await store.close();
});

type Write = (rows: never) => Promise<void>;

/** A store whose view writes fail while `isAway`. */
function flakyStore(): { store: Store; isAway: boolean } {
  const flaky = { isAway: false, store };
  const writes = Object.entries(store.writes).map(([name, write]) => [
    name,
    (rows: never) => (flaky.isAway ? Promise.reject(new StoreError('away')) : (write as Write)(rows)),
  ]);
  flaky.store = { ...store, writes: Object.fromEntries(writes) as ViewWrites };
  return flaky;
}

async function start(from: Store = store, parts: PersisterParts = persisterParts): Promise<Service> {
  const persister = createPersister({ log, store: from, clock, logger: quietLogger, meter: noopMeter }, options, parts);
  running.push(persister);
  await persister.start();
  return persister;
}

async function appendHistory(chat: string): Promise<void> {
  await log.appendBatch(
    TOPICS.events,
    0,
    chatHistory(chat).map((event) => toEventRecord(event, 0)),
  );
}

const committed = () => log.committed('persister', TOPICS.events, 0);
const headRev = async (chat: string) => (await store.reads.heads([chat]))[0]?.rev;

test('events become rows, then the position is committed', async () => {
  await start();
  await appendHistory('c1');
  await clock.advance(500);
  expect(await headRev('c1')).toBe(12);
  expect(await committed()).toBe(12);
});

test('while the store is away the position is held and the service says so; afterwards nothing is missing', async () => {
  const flaky = flakyStore();
  const persister = await start(flaky.store);
  flaky.isAway = true;
  await appendHistory('c1');
  await clock.advance(5_000);
  expect(await committed()).toBe(0);
  expect(persister.readiness()).toMatchObject({ ready: false });

  flaky.isAway = false;
  await clock.advance(500);
  expect(persister.readiness()).toEqual({ ready: true });
  expect(await headRev('c1')).toBe(12);
  expect(await store.reads.messages('c1', 1, 10)).toHaveLength(4);
  expect(await committed()).toBe(12);
});

test('a persister that dies between rows and commit leaves the work to the next one', async () => {
  const flaky = flakyStore();
  const first = await start(flaky.store);
  flaky.isAway = true;
  await appendHistory('c1');
  await clock.advance(500);
  await first.stop();
  await start();
  await clock.advance(500);
  expect(await headRev('c1')).toBe(12);
});

test('committing before writing would lose rows: the order is what keeps them', async () => {
  const flaky = flakyStore();
  const settle: PersisterParts['settle'] = async (effects, commit) => {
    commit();
    await effects();
  };
  const first = await start(flaky.store, { ...persisterParts, settle });
  flaky.isAway = true;
  await appendHistory('c1');
  await clock.advance(500);
  await first.stop();
  await start();
  await clock.advance(500);
  expect(await headRev('c1')).toBeUndefined();
});

test('what cannot be decoded goes to the dead letters; what is around it is written', async () => {
  await start();
  await log.append(TOPICS.events, { partition: 0, key: 'c1', value: new Uint8Array([1, 2, 3]) });
  await appendHistory('c1');
  await clock.advance(500);
  const [dead] = await log.read('garam.chat.events.v1.persister.dlq', 0, 0, 10);
  expect(dead).toMatchObject({
    key: 'c1',
    headers: { 'garam-dlq-reason': 'undecodable', 'garam-dlq-topic': TOPICS.events, 'garam-dlq-offset': '0' },
  });
  expect(await headRev('c1')).toBe(12);
  expect(await committed()).toBe(13);
});

test('a drained persister has committed what it has written', async () => {
  const persister = await start();
  await appendHistory('c1');
  await clock.settle();
  await persister.drain(1_000);
  expect(await committed()).toBe(12);
  expect(persister.readiness()).toEqual({ ready: false, reason: 'stopped' });
});
