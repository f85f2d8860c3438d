import { TOPICS } from '@garam/contracts/topics';
import type { EventLog } from '@garam/eventlog/event-log';
import { systemClock } from '@garam/runtime/system-clock';
import { quietLogger } from '@garam/telemetry/logger';
import { record, startProbe, textOf } from '@garam/testkit/eventlog-probe';
import { until } from '@garam/testkit/until';
import { startOwnStack, type OwnStack } from '@garam/tests-stack/own-stack';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createKafkaEventLog } from './create-kafka-event-log.ts';
import type { KafkaOptions } from './kafka-options.ts';
import { withinAMinute } from './testing/within-a-minute.ts';
import { createTopicTools } from './testing/topic-tools.ts';

const SHAPE = { partitions: 4, replicationFactor: 1, inSyncMin: 1 };
const EACH_MS = 120_000;
/** A few hundred records a second: the restarting broker needs the machine more than we do. */
const PER_TURN = 3;
const TURN_MS = 5;

let stack: OwnStack;
let kafka: KafkaOptions;
let log: EventLog;

beforeAll(async () => {
  stack = await startOwnStack({ kafka: 1 });
  const brokers = stack.addresses.log!.slice('kafka://'.length).split(',');
  kafka = { brokers, clientId: 'faults', clock: systemClock, logger: quietLogger, requestTimeoutMs: 2_000 };
});
afterAll(async () => stack.dispose());
beforeEach(async () => {
  log = await createKafkaEventLog({ ...kafka, provision: SHAPE, appendDeadlineMs: 1_000 });
});
afterEach(async () => {
  await stack.up();
  await log.close();
});

interface Attempt {
  text: string;
  outcome: Promise<PromiseSettledResult<{ offset: number }>>;
}

/** Appends one record after the other without waiting, a few per turn, until told to stop. */
function appendOn(prefix: string): { attempts: Attempt[]; reasons: Set<string>; stop(): void } {
  const attempts: Attempt[] = [];
  const reasons = new Set<string>();
  const timer = setInterval(() => {
    for (let index = 0; index < PER_TURN; index++) {
      const text = `${prefix}${attempts.length}`;
      const append = log.append(TOPICS.events, record(0, text));
      append.catch(({ reason }: { reason: string }) => reasons.add(reason));
      attempts.push({ text, outcome: Promise.allSettled([append]).then(([settled]) => settled) });
    }
  }, TURN_MS);
  return { attempts, reasons, stop: () => clearInterval(timer) };
}

async function outcomesOf(attempts: readonly Attempt[]) {
  const found = { acknowledged: [] as string[], unavailable: [] as string[], unknown: [] as string[] };
  for (const { text, outcome } of attempts) {
    const settled = await outcome;
    if (settled.status === 'fulfilled') found.acknowledged.push(text);
    else found[(settled.reason as { reason: 'unavailable' | 'unknown' }).reason].push(text);
  }
  return found;
}

async function everything(partition: number): Promise<string[]> {
  const texts: string[] = [];
  for (;;) {
    const more = await log.read(TOPICS.events, partition, texts.length, 1_000);
    if (more.length === 0) return texts;
    texts.push(...more.map(textOf));
  }
}

/** What must hold whatever happened to the broker. */
async function expectOrderlyOutcomes(prefix: string, attempts: readonly Attempt[]): Promise<void> {
  const { acknowledged, unavailable, unknown } = await outcomesOf(attempts);
  expect(unavailable.length).toBeGreaterThan(0);
  const texts = (await everything(0)).filter((text) => text.startsWith(prefix));
  const [kept, refused, open] = [new Set(acknowledged), new Set(unavailable), new Set(unknown)];
  expect(texts.filter((text) => kept.has(text))).toEqual(acknowledged);
  expect(texts.filter((text) => refused.has(text))).toEqual([]);
  expect(texts.every((text) => kept.has(text) || open.has(text))).toBe(true);
  expect(texts).toEqual(texts.toSorted((a, b) => Number(a.split('-')[1]) - Number(b.split('-')[1])));
}

const isRejected = async ({ outcome }: Attempt) => (await outcome).status === 'rejected';
/** The newest attempt that is surely settled. */
const isServed = async ({ attempts }: { attempts: readonly Attempt[] }) => !(await isRejected(attempts.at(-1)!));

test(
  'a broker that is killed: acknowledged appends are there in order, refused ones are not, new ones are refused at once, and appending and consuming go on by themselves',
  async () => {
    const probe = startProbe(log, { group: 'restart', topics: [TOPICS.receipts] });
    await probe.consumer.ready();
    await log.append(TOPICS.receipts, record(0, 'before'));
    await until(async () => (await log.committed('restart', TOPICS.receipts, 0)) === 1, 'the first is committed');
    const appending = appendOn('kill-');
    await until(() => appending.attempts.length > 300, 'appending is under way');
    await stack.kill('kafka-0');
    const isQuick = async () => {
      const started = systemClock.monotonic();
      const reason = await log.append(TOPICS.commands, record(1, 'x')).then(
        () => 'appended',
        (error: { reason: string }) => error.reason,
      );
      return reason === 'unavailable' && systemClock.monotonic() - started < 500;
    };
    await until(isQuick, 'the breaker is open');
    expect(await isRejected(appending.attempts.at(-1)!)).toBe(true);
    await stack.up();
    await withinAMinute(() => isServed(appending), 'appends succeed again');
    appending.stop();
    await expectOrderlyOutcomes('kill', appending.attempts);
    const isBack = () =>
      log.append(TOPICS.receipts, record(0, 'after')).then(
        () => true,
        () => false,
      );
    await withinAMinute(isBack, 'appends are taken again');
    await withinAMinute(() => probe.texts(0).includes('after'), 'the consumer goes on');
    await withinAMinute(async () => (await log.committed('restart', TOPICS.receipts, 0)) >= 2, 'and commits');
    await probe.consumer.stop();
  },
  EACH_MS,
);

test(
  'a broker that freezes: what it had is unknown, what waited is refused, and after the thaw nothing is out of order',
  async () => {
    const appending = appendOn('freeze-');
    await until(() => appending.attempts.length > 300, 'appending is under way');
    const thaw = stack.freeze('kafka-0');
    await until(() => appending.reasons.has('unknown'), 'what the broker had is given up').finally(thaw);
    await withinAMinute(() => isServed(appending), 'appends succeed again');
    appending.stop();
    await expectOrderlyOutcomes('freeze', appending.attempts);
    expect([...appending.reasons].toSorted()).toEqual(['unavailable', 'unknown']);
  },
  EACH_MS,
);

test(
  'the log has another id when its topics are made anew, and the same after a mere restart',
  async () => {
    const tools = createTopicTools(kafka, SHAPE);
    const reopen = async (): Promise<string> => {
      const other = await createKafkaEventLog({ ...kafka, provision: SHAPE });
      await other.close();
      return other.id;
    };
    expect(await reopen()).toBe(log.id);
    const connection = await tools.cluster.any('admin');
    await connection.call('DeleteTopics', { topics: [TOPICS.events], timeout: 5_000 });
    const isGone = async () => {
      await tools.cluster.refresh([TOPICS.events]);
      return tools.cluster.topic(TOPICS.events) === undefined;
    };
    await until(isGone, 'the topic is gone');
    expect(await reopen()).not.toBe(log.id);
    tools.close();
  },
  EACH_MS,
);
