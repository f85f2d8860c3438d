import { createMemoryBus } from '@garam/bus-memory/create-memory-bus';
import type { EventRecord } from '@garam/contracts/event-record';
import { toEventRecord, toReplyRecord } from '@garam/contracts/log-records';
import type { ReplyRecord } from '@garam/contracts/reply-record';
import { TOPICS } from '@garam/contracts/topics';
import { createSqliteEventLog } from '@garam/eventlog-sqlite/create-sqlite-event-log';
import { openSqlite } from '@garam/sqlite/open-sqlite';
import { createManualClock } from '@garam/testkit/manual-clock';
import { expect, test } from 'vitest';
import { createAnswerLink } from './answer-link.ts';
import type { Intake } from './intake.ts';

function rig() {
  const clock = createManualClock();
  const log = createSqliteEventLog(openSqlite(':memory:', { clock }), { clock, partitions: 1 });
  const bus = createMemoryBus({ clock });
  const settled: unknown[] = [];
  const intake: Pick<Intake, 'origin' | 'settle' | 'load'> = {
    origin: 'api-1',
    settle: (entry) => void settled.push(entry),
    load: () => ({ waiting: 1, limit: 1, clockUncertaintyMs: null }),
  };
  return { clock, log, bus, settled, link: createAnswerLink({ log, bus, clock, intake, failed: () => undefined }) };
}

const reply = (origin: string): ReplyRecord => {
  return { chat: 'c', cause: { origin, command: 1 }, outcome: 'unchanged', seq: 1, rev: 1, clock: 1 };
};
const event: EventRecord = {
  chat: 'c',
  rev: 2,
  seq: 1,
  clock: 2,
  by: 'alice',
  cause: { origin: 'api-1', command: 2 },
  body: { type: 'message.deleted', seq: 1 },
};

test('without the bus answers come from the log, others are left alone', async () => {
  const { clock, log, bus, settled, link } = rig();
  bus.setReachable(false);
  await link.start();
  await log.append(TOPICS.replies, toReplyRecord(reply('api-2'), 0));
  await log.append(TOPICS.replies, toReplyRecord(reply('api-1'), 0));
  await log.append(TOPICS.events, toEventRecord(event, 0));
  await clock.advance(200);
  expect(settled).toHaveLength(2);
  expect(settled).toEqual(expect.arrayContaining([{ reply: reply('api-1') }, { event }]));
  expect(link.tailing).toBe(2);
});

test('a bus that comes later is subscribed to, and heard from then on', async () => {
  const { clock, bus, settled, link } = rig();
  bus.setReachable(false);
  await link.start();
  await clock.advance(1_000);
  bus.setReachable(true);
  for (let second = 0; second < 8; second++) {
    const beat = (topic: string) => ({ kind: 'heartbeat', topic, partition: 0, offset: 0 }) as const;
    await bus.publish('gateways', [beat(TOPICS.events), beat(TOPICS.replies)]);
    await clock.advance(1_000);
  }
  expect(link.tailing).toBe(0);
  await bus.publish('api-1', [{ kind: 'reply', reply: reply('api-1') }]);
  await clock.settle();
  expect(settled).toEqual([{ kind: 'reply', reply: reply('api-1') }]);
});
