import { createMemoryBus, type MemoryBus } from '@garam/bus-memory/create-memory-bus';
import type { BusEntry } from '@garam/contracts/bus-entry';
import type { EventRecord } from '@garam/contracts/event-record';
import { toEventRecord, toReplyRecord } from '@garam/contracts/log-records';
import { TOPICS } from '@garam/contracts/topics';
import type { EventLog } from '@garam/eventlog/event-log';
import { createSqliteEventLog } from '@garam/eventlog-sqlite/create-sqlite-event-log';
import type { Service } from '@garam/service/service';
import { openSqlite } from '@garam/sqlite/open-sqlite';
import type { SqliteFile } from '@garam/sqlite/sqlite-file';
import { quietLogger } from '@garam/telemetry/logger';
import { noopMeter } from '@garam/telemetry/meter';
import { createManualClock, type ManualClock } from '@garam/testkit/manual-clock';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createFanout, fanoutParts, type FanoutOptions, type FanoutParts } from './fanout.ts';

const options: FanoutOptions = { backoff: { baseMs: 10, maxMs: 100 }, commitIntervalMs: 100, startTimeoutMs: 1_000 };
let clock: ManualClock;
let file: SqliteFile;
let log: EventLog;
let bus: MemoryBus;
let running: Service[];
let heard: BusEntry[];

beforeEach(async () => {
  clock = createManualClock();
  file = openSqlite(':memory:', { clock });
  log = createSqliteEventLog(file, { clock, partitions: 1 });
  bus = createMemoryBus({ clock });
  running = [];
  heard = [];
  await bus.subscribe('g1', { entries: (entries) => heard.push(...entries), resubscribed: () => undefined });
  await bus.routes.add(['chat:c1'], 'g1', 3_600_000);
});

afterEach(async () => {
  for (const service of running) await service.stop();
  await log.close();
  await bus.close();
  await file.close();
});

async function start(parts: FanoutParts = fanoutParts): Promise<Service> {
  const fanout = createFanout({ log, bus, clock, logger: quietLogger, meter: noopMeter }, options, parts);
  running.push(fanout);
  await fanout.start();
  return fanout;
}

function message(rev: number): EventRecord {
  const body = { type: 'message.created', clientId: `m${rev}`, kind: 'text', text: 'hi' } as const;
  return { chat: 'c1', rev, seq: rev, clock: rev, by: 'alice', body };
}

const append = (...events: EventRecord[]) =>
  log.appendBatch(
    TOPICS.events,
    0,
    events.map((event) => toEventRecord(event, 0)),
  );
const committed = (topic: string) => log.committed('fanout', topic, 0);
const revs = () => heard.flatMap((entry) => (entry.kind === 'event' ? entry.event.rev : []));

test('events are published, then the position is committed', async () => {
  await start();
  await append(message(1), message(2));
  await clock.advance(500);
  expect(revs()).toEqual([1, 2]);
  expect(await committed(TOPICS.events)).toBe(2);
});

test('replies go to whoever waits, and to nobody else', async () => {
  await start();
  const reply = { chat: 'c1', outcome: 'refused', error: 'not_found', seq: 0, rev: 0, clock: 1 } as const;
  await log.append(TOPICS.replies, toReplyRecord({ ...reply, cause: { origin: 'g1', command: 7 } }, 0));
  await log.append(TOPICS.replies, toReplyRecord({ ...reply, cause: { origin: 'g2', command: 8 } }, 0));
  await clock.advance(500);
  expect(heard).toEqual([{ kind: 'reply', reply: { ...reply, cause: { origin: 'g1', command: 7 } } }]);
  expect(await committed(TOPICS.replies)).toBe(2);
});

test('while the bus is away nothing is committed; afterwards everything is published in order', async () => {
  const fanout = await start();
  bus.setReachable(false);
  await append(message(1), message(2));
  await append(message(3));
  await clock.advance(3_000);
  expect(await committed(TOPICS.events)).toBe(0);
  expect(fanout.readiness()).toMatchObject({
    ready: true,
    degraded: expect.stringContaining('out of reach') as unknown,
  });

  bus.setReachable(true);
  await clock.advance(500);
  expect(revs()).toEqual([1, 2, 3]);
  expect(await committed(TOPICS.events)).toBe(3);
  expect(fanout.readiness()).toEqual({ ready: true });
});

test('a fanout that dies before publishing leaves the events to the next one', async () => {
  const first = await start();
  bus.setReachable(false);
  await append(message(1));
  await clock.advance(500);
  await first.stop();
  bus.setReachable(true);
  await start();
  await clock.advance(500);
  expect(revs()).toEqual([1]);
});

test('committing before publishing would lose events: the order is what keeps them', async () => {
  const settle: FanoutParts['settle'] = async (effects, commit) => {
    commit();
    await effects();
  };
  const first = await start({ ...fanoutParts, settle });
  bus.setReachable(false);
  await append(message(1));
  await clock.advance(500);
  await first.stop();
  bus.setReachable(true);
  await start();
  await clock.advance(500);
  expect(revs()).toEqual([]);
});

test('what cannot be decoded goes to the dead letters of its topic; the rest is published', async () => {
  await start();
  await log.append(TOPICS.events, { partition: 0, key: 'c1', value: new Uint8Array([7]) });
  await append(message(1));
  await clock.advance(500);
  expect(revs()).toEqual([1]);
  expect(await log.read('garam.chat.events.v1.fanout.dlq', 0, 0, 10)).toHaveLength(1);
});
