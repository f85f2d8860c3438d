import { TOPICS } from '@garam/contracts/topics';
import type { EventLog } from '@garam/eventlog/event-log';
import { systemClock } from '@garam/runtime/system-clock';
import { quietLogger } from '@garam/telemetry/logger';
import { numbered, record, startProbe, textOf } from '@garam/testkit/eventlog-probe';
import { until } from '@garam/testkit/until';
import { startOwnStack, type OwnStack } from '@garam/tests-stack/own-stack';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createKafkaEventLog } from './create-kafka-event-log.ts';
import type { KafkaOptions } from './kafka-options.ts';
import { withinAMinute } from './testing/within-a-minute.ts';
import { createTopicTools, type TopicTools } from './testing/topic-tools.ts';

/** Three brokers, every record on all of them, two must have it. */
const SHAPE = { partitions: 4, replicationFactor: 3, inSyncMin: 2 };

let stack: OwnStack;
let log: EventLog;
let tools: TopicTools;

beforeAll(async () => {
  stack = await startOwnStack({ kafka: 3 });
  const brokers = stack.addresses.log!.slice('kafka://'.length).split(',');
  const kafka: KafkaOptions = { brokers, clientId: 'failover', clock: systemClock, logger: quietLogger };
  log = await createKafkaEventLog({ ...kafka, provision: SHAPE, sessionTimeoutMs: 6_000, openDeadlineMs: 90_000 });
  tools = createTopicTools(kafka, SHAPE);
}, 240_000);
afterAll(async () => {
  await log?.close();
  tools?.close();
  await stack?.dispose();
});

test('a log with three copies of everything is replicated', () => {
  expect(log.durability).toBe('replicated');
});

test('when the broker that coordinates a group and leads partitions is killed, others take over: nothing acknowledged is lost, everything is consumed', async () => {
  const group = 'failover';
  const probe = startProbe(log, { group, topics: [TOPICS.events] });
  await probe.consumer.ready();
  const acknowledged: string[] = [];
  const writing = new AbortController();
  const written = Promise.all(
    [0, 1, 2, 3].map(async (partition) => {
      for (let index = 0; !writing.signal.aborted; index++) {
        const text = `${partition}.${index}`;
        const isThere = await log.append(TOPICS.events, record(partition, text)).then(
          () => true,
          () => false,
        );
        if (isThere) acknowledged.push(text);
        await systemClock.sleep(2);
      }
    }),
  );
  await until(async () => (await log.committed(group, TOPICS.events, 0)) > 20, 'appending and consuming are under way');
  const coordinator = await tools.cluster.coordinator(group);
  await stack.kill(`kafka-${coordinator}`);
  const before = acknowledged.length;
  await withinAMinute(() => acknowledged.length > before + 400, 'appends go on with the brokers that are left');
  const hasMoved = () =>
    tools.cluster.coordinator(group).then(
      (node) => node !== coordinator,
      () => false,
    );
  await withinAMinute(hasMoved, 'another broker coordinates');
  writing.abort();
  await written;
  const all = new Set(acknowledged);
  await withinAMinute(
    () => [...all].every((text) => probe.texts().includes(text)),
    'everything acknowledged is consumed',
  );
  for (const partition of [0, 1, 2, 3]) {
    const texts = (await log.read(TOPICS.events, partition, 0, 10_000)).map(textOf);
    const own = acknowledged.filter((text) => text.startsWith(`${partition}.`));
    expect(texts.filter((text) => all.has(text))).toEqual(own);
    const consumed = probe.records.filter((each) => each.partition === partition).map(({ offset }) => offset);
    expect([...new Set(consumed)]).toEqual(numbered('', texts.length).map(Number));
    await withinAMinute(
      async () => (await log.committed(group, TOPICS.events, partition)) === texts.length,
      'all is committed',
    );
  }
  await probe.consumer.stop();
}, 120_000);
