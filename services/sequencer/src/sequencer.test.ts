import { toCommandRecord } from '@garam/contracts/log-records';
import { partitionOf } from '@garam/contracts/partition-of';
import { TOPICS } from '@garam/contracts/topics';
import { emptyChat } from '@garam/domain/chat-state';
import type { EventLog } from '@garam/eventlog/event-log';
import { createSqliteEventLog } from '@garam/eventlog-sqlite/create-sqlite-event-log';
import type { Service } from '@garam/service/service';
import { openSqlite } from '@garam/sqlite/open-sqlite';
import { createSqliteStore } from '@garam/store-sqlite/sqlite-store';
import type { Store } from '@garam/store/store';
import { quietLogger } from '@garam/telemetry/logger';
import { noopMeter } from '@garam/telemetry/meter';
import { createManualClock, type ManualClock } from '@garam/testkit/manual-clock';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSequencer } from './sequencer.ts';
import { command, creation, text, type CommandFields } from './testing/commands.ts';
import { testOptions } from './testing/owner.ts';

const PARTITIONS = 4;
let clock: ManualClock;
let log: EventLog;
let store: Store;
let running: Service[];

beforeEach(() => {
  clock = createManualClock();
  const file = openSqlite(':memory:', { clock });
  log = createSqliteEventLog(file, { clock, partitions: PARTITIONS });
  store = createSqliteStore(file);
  running = [];
});

afterEach(async () => {
  for (const service of running) await service.stop();
  await log.close();
  await store.close();
});

async function start(): Promise<Service> {
  const sequencer = createSequencer({ log, store, clock, logger: quietLogger, meter: noopMeter }, testOptions);
  running.push(sequencer);
  await sequencer.start();
  return sequencer;
}

async function append(fields: CommandFields, partition = partitionOf(fields.chat ?? 'c1', PARTITIONS)): Promise<void> {
  await log.append(TOPICS.commands, toCommandRecord(command(fields, clock.now()), partition, 'a trace'));
}

const inPartitionOf = (chat: string, topic: string) => log.read(topic, partitionOf(chat, PARTITIONS), 0, 100);

test('events stand in the partition of their command and carry its trace', async () => {
  await start();
  for (const chat of ['c1', 'c2', 'c3', 'c4', 'c5']) await append({ chat, clientId: 'create', body: creation() });
  await clock.advance(1_000);
  for (const chat of ['c1', 'c2', 'c3', 'c4', 'c5']) {
    const record = (await inPartitionOf(chat, TOPICS.events)).find(({ key }) => key === chat);
    expect(record?.headers).toMatchObject({ ce_id: `${chat}:1`, ce_type: 'chat.created', traceparent: 'a trace' });
  }
});

test('after a drain the next one goes on without deciding anything again', async () => {
  const first = await start();
  await append({ clientId: 'create', body: creation() });
  await clock.settle();
  await first.drain(1_000);
  await start();
  await append({ clientId: 'm1', body: text('one') });
  await clock.advance(1_000);
  expect((await inPartitionOf('c1', TOPICS.events)).map(({ headers }) => headers['ce_id'])).toEqual(['c1:1', 'c1:2']);
});

test('after a stop without a drain the next one decides the same again, and consumers can tell', async () => {
  const first = await start();
  await append({ clientId: 'create', body: creation() });
  await clock.settle();
  await first.stop();
  await start();
  await clock.advance(1_000);
  const records = await inPartitionOf('c1', TOPICS.events);
  expect(records.map(({ headers }) => headers['ce_id'])).toEqual(['c1:1', 'c1:1']);
  expect(records[0]!.value).toEqual(records[1]!.value);
});

test('a stopped partition makes the service not ready, and the others go on', async () => {
  const state = { ...emptyChat('c1'), kind: 'group' as const, clock: 1, lastOffset: 0 };
  await store.sequencer.saveChats([{ state, logId: 'another log' }]);
  const sequencer = await start();
  expect(sequencer.readiness()).toEqual({ ready: true });
  await append({ clientId: 'm1', body: text('one') });
  const other = ['c2', 'c3', 'c4'].find((chat) => partitionOf(chat, PARTITIONS) !== partitionOf('c1', PARTITIONS))!;
  await append({ chat: other, clientId: 'create', body: creation() });
  await clock.advance(1_000);
  expect(sequencer.readiness()).toMatchObject({ ready: false, reason: expect.stringContaining('not of this log') });
  expect(await inPartitionOf(other, TOPICS.events)).toHaveLength(1);
  await sequencer.stop();
});

test('a command in a partition that is not its chat’s is a dead letter: a chat has one order', async () => {
  await start();
  const wrong = (partitionOf('c1', PARTITIONS) + 1) % PARTITIONS;
  await append({ clientId: 'create', body: creation() }, wrong);
  await append({ clientId: 'create', body: creation() });
  await clock.advance(1_000);
  expect(await log.read(TOPICS.events, wrong, 0, 10)).toEqual([]);
  const [dead] = await log.read('garam.chat.commands.v1.sequencer.dlq', wrong, 0, 10);
  expect(dead?.headers).toMatchObject({ 'garam-dlq-reason': 'wrong partition' });
  expect(await inPartitionOf('c1', TOPICS.events)).toHaveLength(1);
});
