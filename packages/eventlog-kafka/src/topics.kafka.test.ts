import { deadLetterTopic } from '@garam/contracts/topics';
import { systemClock } from '@garam/runtime/system-clock';
import { quietLogger } from '@garam/telemetry/logger';
import { numbered, record, textOf } from '@garam/testkit/eventlog-probe';
import { until } from '@garam/testkit/until';
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { createKafkaEventLog } from './create-kafka-event-log.ts';
import { createTopicTools, type TopicTools } from './testing/topic-tools.ts';
import { provisionTopics } from './topics/provision-topics.ts';
import { alterSettings, readSettings } from './topics/topic-admin.ts';

const SHAPE = { partitions: 4, replicationFactor: 1, inSyncMin: 1 };
const kafka = () => ({
  brokers: inject('stack').log!.slice('kafka://'.length).split(','),
  clientId: 'topics',
  clock: systemClock,
  logger: quietLogger,
});

let tools: TopicTools;
beforeEach(() => {
  tools = createTopicTools(kafka(), SHAPE);
});
afterEach(() => tools.close());

test('provisioning makes what is missing, sets what differs, and leaves other settings and a second run alone', async () => {
  const topics = [`topic-${randomUUID()}`, `topic-${randomUUID()}.group.dlq`];
  const options = { ...kafka(), ...SHAPE, topics };
  expect(await provisionTopics(options)).toEqual({ created: topics, changed: [], differing: [] });
  expect(await provisionTopics(options)).toEqual({ created: [], changed: [], differing: [] });
  const [first, second] = topics as [string, string];
  await alterSettings(tools.cluster, new Map([[first, { 'retention.ms': '1000', 'segment.bytes': '2000000' }]]));
  const setting = async (name: string) => (await readSettings(tools.cluster, topics)).get(first)?.[name];
  await until(async () => (await setting('retention.ms')) === '1000', 'brokers show settings a moment later');
  const { changed } = await provisionTopics(options);
  expect(changed).toEqual([{ topic: first, setting: 'retention.ms', is: '1000', shouldBe: '-1' }]);
  await until(async () => (await setting('retention.ms')) === '-1', 'it is as it should be');
  const settings = await readSettings(tools.cluster, topics);
  expect(settings.get(first)).toMatchObject({ 'segment.bytes': '2000000' });
  expect(settings.get(second)).toMatchObject({
    'retention.ms': '2592000000',
    'message.timestamp.type': 'LogAppendTime',
  });
});

test('another number of partitions is told and never changed', async () => {
  const topics = [`topic-${randomUUID()}`];
  await provisionTopics({ ...kafka(), ...SHAPE, topics });
  const { changed, differing } = await provisionTopics({ ...kafka(), ...SHAPE, partitions: 8, topics });
  expect([changed, differing]).toEqual([[], [{ topic: topics[0], setting: 'partitions', is: '4', shouldBe: '8' }]]);
});

test('several processes may open and provision a log at once; all see the same log', async () => {
  const logs = await Promise.all(numbered('', 3).map(() => createKafkaEventLog({ ...kafka(), provision: SHAPE })));
  expect(new Set(logs.map(({ id }) => id)).size).toBe(1);
  expect(logs.map(({ partitions, durability }) => [partitions, durability])).toEqual(
    Array.from({ length: 3 }, () => [4, 'process_crash']),
  );
  await Promise.all(logs.map((log) => log.close()));
});

test('a dead-letter topic is made by its first dead letter; any other missing topic is an error', async () => {
  const log = await createKafkaEventLog({ ...kafka(), provision: SHAPE, appendDeadlineMs: 1_000 });
  try {
    const topic = deadLetterTopic(`topic-${randomUUID()}`, 'group');
    await log.append(topic, record(2, 'dead'));
    expect((await log.read(topic, 2, 0, 10)).map(textOf)).toEqual(['dead']);
    const missing = log.append(`topic-${randomUUID()}`, record(0, 'a'));
    await expect(missing).rejects.toMatchObject({ name: 'LogError', reason: 'unavailable' });
  } finally {
    await log.close();
  }
});
