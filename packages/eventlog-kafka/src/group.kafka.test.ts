import type { Assignment, EventLog, LogRecord } from '@garam/eventlog/event-log';
import { systemClock } from '@garam/runtime/system-clock';
import { quietLogger } from '@garam/telemetry/logger';
import { numbered, record, startProbe } from '@garam/testkit/eventlog-probe';
import { until } from '@garam/testkit/until';
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { createKafkaEventLog } from './create-kafka-event-log.ts';
import { childReady, startChildConsumer } from './testing/child-consumer.ts';
import { createTopicTools, type TopicTools } from './testing/topic-tools.ts';

const PARTITIONS = 4;
const SHAPE = { partitions: PARTITIONS, replicationFactor: 1 };
const brokers = () => inject('stack').log!.slice('kafka://'.length).split(',');
const kafka = () => ({ brokers: brokers(), clientId: 'group', clock: systemClock, logger: quietLogger });

let tools: TopicTools;
let log: EventLog;
let topic: string;
let group: string;

beforeEach(async () => {
  log = await createKafkaEventLog({ ...kafka(), provision: { ...SHAPE, inSyncMin: 1 }, sessionTimeoutMs: 6_000 });
  tools = createTopicTools(kafka(), SHAPE);
  topic = `topic-${randomUUID()}`;
  group = `group-${randomUUID()}`;
  await tools.newTopic(topic);
});
afterEach(async () => {
  await log.close();
  tools.close();
});

const fill = (each: number) =>
  Promise.all(
    numbered('', PARTITIONS * each).map((text, index) => log.append(topic, record(index % PARTITIONS, text))),
  );

describe('when a consumer joins while handlers are at work', () => {
  test('what moves moves after its handler has ended and committed, and what stays is not interrupted', async () => {
    const open = new Map<Assignment, () => void>();
    const handling = (_: readonly LogRecord[], assignment: Assignment) =>
      new Promise<void>((resolve) => {
        open.set(assignment, resolve);
        assignment.signal.addEventListener('abort', () => resolve());
      });
    await fill(1);
    const first = startProbe(log, { group, topics: [topic], handling });
    await until(() => first.records.length === PARTITIONS, 'a handler is at work in each partition');
    const second = startProbe(log, { group, topics: [topic] });
    await second.consumer.ready();
    await until(() => first.held().length === 2 && second.held().length === 2, 'the partitions are shared');
    // Each moved partition was committed by its last handler: the new holder does not repeat its record.
    expect(second.assignments.map(({ start }) => start)).toEqual([1, 1]);
    expect(first.assignments.filter(({ signal }) => !signal.aborted)).toHaveLength(2);
    expect(first.assignments).toHaveLength(PARTITIONS);
    for (const [assignment, end] of open) if (!assignment.signal.aborted) end();
    await until(async () => (await committed()).every((position) => position === 1), 'all is committed');
    await fill(1);
    await until(
      () => first.records.length + second.records.length === 2 * PARTITIONS,
      'everything is handed over once',
    );
    expect(new Set([...first.texts(), ...second.texts()]).size).toBe(PARTITIONS);
  });

  test('a handler that does not end holds up the move only for its time of grace, and its late commit is refused', async () => {
    const stubborn = await createKafkaEventLog({ ...kafka(), handlerGraceMs: 300 });
    try {
      await fill(1);
      let end = () => {};
      const ended = new Promise<void>((resolve) => (end = resolve));
      const first = startProbe(stubborn, { group, topics: [topic], commits: false, handling: () => ended });
      await until(() => first.records.length === PARTITIONS, 'a handler is at work in each partition');
      const second = startProbe(log, { group, topics: [topic] });
      await until(() => second.held().length === 2, 'two partitions have moved all the same');
      await until(() => second.records.length === 2, 'their records are handed over again');
      const moved = first.assignments.find(({ signal }) => signal.aborted)!;
      await until(
        async () => (await log.committed(group, topic, moved.partition)) === 1,
        'the new holder has committed',
      );
      await expect(moved.commit(0)).rejects.toMatchObject({ name: 'LogError', reason: 'closed' });
      expect(await log.committed(group, topic, moved.partition)).toBe(1);
      end();
    } finally {
      await stubborn.close();
    }
  });
});

test('when a consumer is killed the others take over its partitions, and nothing is lost', async () => {
  const child = startChildConsumer(brokers(), group, topic);
  try {
    await childReady(child);
    const own = startProbe(log, { group, topics: [topic] });
    await own.consumer.ready();
    expect(own.held()).toHaveLength(2);
    await fill(2);
    await until(() => own.records.length + child.given().length === 2 * PARTITIONS, 'everything is handed over');
    child.kill();
    await fill(1);
    const given = () => new Set(own.records.map(({ partition, offset }) => `${partition}/${offset}`));
    await until(() => given().size === 3 * PARTITIONS, 'the survivor has everything that was not committed');
    expect(own.held()).toHaveLength(PARTITIONS);
  } finally {
    child.kill();
    await child.ended;
  }
});

describe('a consumer that can never succeed', () => {
  /** Makes the group one that our consumers cannot join. */
  async function occupyGroup(): Promise<void> {
    const connection = await tools.cluster.connect(await tools.cluster.coordinator(group), 'occupier');
    const join = (memberId: string) =>
      connection.call<{ errorCode: number; memberId: string }>('JoinGroup', {
        groupId: group,
        memberId,
        sessionTimeout: 30_000,
        rebalanceTimeout: 30_000,
        protocolType: 'consumer',
        groupProtocols: [{ name: 'another-assignor', metadata: Buffer.alloc(0) }],
      });
    expect((await join((await join('')).memberId)).errorCode).toBe(0);
  }

  test('says so once, loudly, and hands nothing over any more', async () => {
    await occupyGroup();
    const fatal: unknown[] = [];
    const consumer = log.consume({
      group,
      topics: [topic],
      assigned: () => ({ handle: async () => {} }),
      onFatal: (error) => fatal.push(error),
    });
    await until(() => fatal.length > 0, 'the owner is told');
    expect(fatal).toMatchObject([{ name: 'KafkaError', code: 'INCONSISTENT_GROUP_PROTOCOL' }]);
    await consumer.stop();
  });

  test('ends a process that does not listen for it', async () => {
    await occupyGroup();
    const child = startChildConsumer(brokers(), group, topic);
    const { code } = await child.ended;
    expect(code).not.toBe(0);
    expect(child.errors()).toContain('INCONSISTENT_GROUP_PROTOCOL');
  });
});

async function committed(): Promise<number[]> {
  return Promise.all(Array.from({ length: PARTITIONS }, (_, partition) => log.committed(group, topic, partition)));
}
