import type { EventLog } from '@garam/eventlog/event-log';
import { systemClock } from '@garam/runtime/system-clock';
import { quietLogger } from '@garam/telemetry/logger';
import { numbered, record, startProbe, textOf } from '@garam/testkit/eventlog-probe';
import { until } from '@garam/testkit/until';
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { createKafkaEventLog } from './create-kafka-event-log.ts';
import { createTopicTools, type TopicTools } from './testing/topic-tools.ts';

const SHAPE = { partitions: 4, replicationFactor: 1, inSyncMin: 1 };
const BATCH_BYTES_TOO_MANY = 9 * 1024 * 1024;

let tools: TopicTools;
let log: EventLog;
let topic: string;

beforeEach(async () => {
  const brokers = inject('stack').log!.slice('kafka://'.length).split(',');
  const kafka = { brokers, clientId: 'log', clock: systemClock, logger: quietLogger };
  tools = createTopicTools(kafka, SHAPE);
  topic = `topic-${randomUUID()}`;
  await tools.newTopic(topic);
  log = await createKafkaEventLog({ ...kafka, provision: SHAPE, recordsWaitingMax: 1_000 });
});
afterEach(async () => {
  await log.close();
  tools.close();
});

test('what was called after a refused append, and could be written, fails with it; other partitions do not', async () => {
  const large = record(0, 'x'.repeat(BATCH_BYTES_TOO_MANY));
  const outcomes = await Promise.allSettled([
    log.append(topic, record(0, 'before')),
    log.append(topic, large),
    ...numbered('after-', 3).map((text) => log.append(topic, record(0, text))),
    log.append(topic, record(1, 'elsewhere')),
  ]);
  const [before, refused, ...after] = outcomes;
  expect([before?.status, refused?.status]).toEqual(['fulfilled', 'rejected']);
  const elsewhere = after.pop();
  expect(elsewhere?.status).toBe('fulfilled');
  for (const each of after) expect(each).toMatchObject({ status: 'rejected', reason: { reason: 'unavailable' } });
  await log.append(topic, record(0, 'later'));
  expect((await log.read(topic, 0, 0, 10)).map(textOf)).toEqual(['before', 'later']);
});

test('records that wait are bounded', async () => {
  const outcomes = await Promise.allSettled(numbered('', 1_200).map((text) => log.append(topic, record(0, text))));
  const refused = outcomes.flatMap((each, index) => (each.status === 'rejected' ? [index] : []));
  expect(refused).toEqual(numbered('', 200).map((text) => 1_000 + Number(text)));
  await expect(log.append(topic, record(0, 'later'))).resolves.toMatchObject({ offset: 1_000 });
});

test('appends larger together than one request are all written, in order', async () => {
  const texts = numbered('', 60).map((text) => `${text}-${'x'.repeat(100_000)}`);
  await Promise.all(texts.map((text) => log.append(topic, record(0, text))));
  const names: string[] = [];
  while (names.length < 60) {
    names.push(...(await log.read(topic, 0, names.length, 100)).map((each) => textOf(each).split('-')[0]!));
  }
  expect(names).toEqual(numbered('', 60));
});

test('a partition that is not there is a caller’s mistake', async () => {
  await expect(log.append(topic, record(4, 'a'))).rejects.toBeInstanceOf(RangeError);
});

test('many reads at once get each their own partition and offset', async () => {
  for (const partition of [0, 1, 2, 3]) {
    const records = numbered(`${partition}.`, 50).map((text) => record(partition, text));
    await log.appendBatch(topic, partition, records);
  }
  const asked = Array.from({ length: 200 }, (_, index) => ({ partition: index % 4, offset: (index * 7) % 50 }));
  const read = await Promise.all(asked.map(({ partition, offset }) => log.read(topic, partition, offset, 1)));
  expect(read.map(([first]) => textOf(first!))).toEqual(asked.map(({ partition, offset }) => `${partition}.${offset}`));
});

test('a patient consumer gets every record, those that come within its patience together', async () => {
  let batches = 0;
  const handling = async () => void batches++;
  const probe = startProbe(log, { group: randomUUID(), topics: [topic], patienceMs: 300, handling, commits: false });
  await probe.consumer.ready();
  for (const text of numbered('', 200)) await log.append(topic, record(0, text));
  await until(() => probe.records.length >= 200, 'all are handed over');
  await probe.consumer.stop();
  expect(probe.texts()).toEqual(numbered('', 200));
  expect(batches).toBeLessThan(100);
});
