import type { EventLog } from '@garam/eventlog/event-log';
import { until } from '@garam/tests-driver/deadline';
import { Histogram } from '@garam/tests-driver/histogram';
import type { LatencySummary } from '@garam/tests-driver/histogram';
import { createRandom } from '@garam/tests-driver/random';

export interface TwoHopOptions {
  /** Messages per second, arriving as a Poisson process. */
  rate: number;
  warmUpMs: number;
  measureMs: number;
  seed: number;
}

export interface TwoHopResult {
  /** From the intended time of a message to its append acknowledged, and to its second consumption. */
  firstAck: LatencySummary;
  twoHops: LatencySummary;
  lost: number;
  cpuUsPerMessage: number;
}

/** About the size of a command of a short message. */
const VALUE_BYTES = 250;
const DRAIN_MS = 10_000;
const TICK_MS = 1;

/**
 * What the log alone costs: produce → consume → produce → consume, with the batching every service has and no other
 * work. A message's number is in its first bytes.
 */
export async function runTwoHops(
  log: EventLog,
  [first, second]: readonly [string, string],
  { rate, warmUpMs, measureMs, seed }: TwoHopOptions,
): Promise<TwoHopResult> {
  const random = createRandom(seed);
  const intendedAt: number[] = [];
  const firstAck = new Histogram();
  const twoHops = new Histogram();
  let arrived = 0;
  let measureFrom = Infinity;
  const forwarding = log.consume({
    group: first,
    topics: [first],
    assigned: ({ partition }) => ({
      async handle(records) {
        const onward = records.map(({ key, value }) => ({ partition, key, value }));
        log.appendBatch(second, partition, onward).catch(fail);
      },
    }),
  });
  const receiving = log.consume({
    group: second,
    topics: [second],
    assigned: () => ({
      async handle(records) {
        const now = performance.now();
        for (const { value } of records) {
          const dueAt = intendedAt[numberIn(value)]!;
          arrived += 1;
          if (dueAt >= measureFrom) twoHops.record(now - dueAt);
        }
      },
    }),
  });
  await Promise.all([forwarding.ready(), receiving.ready()]);

  const send = (dueAt: number): void => {
    const value = Buffer.alloc(VALUE_BYTES);
    value.writeUInt32BE(intendedAt.push(dueAt) - 1);
    const partition = random.integer(log.partitions);
    const acknowledged = (): void => void (dueAt >= measureFrom && firstAck.record(performance.now() - dueAt));
    log.append(first, { partition, key: String(partition), value }).then(acknowledged, fail);
  };
  const startedAt = performance.now();
  measureFrom = startedAt + warmUpMs;
  let cpu = process.cpuUsage();
  let isWarm = false;
  let sentBefore = 0;
  for (let dueAt = startedAt; dueAt < measureFrom + measureMs;) {
    const now = performance.now();
    if (!isWarm && now >= measureFrom) {
      isWarm = true;
      cpu = process.cpuUsage();
      sentBefore = intendedAt.length;
    }
    for (; dueAt <= now && dueAt < measureFrom + measureMs; dueAt += random.exponential(1000 / rate)) send(dueAt);
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
  const used = process.cpuUsage(cpu);
  await until(() => arrived >= intendedAt.length, DRAIN_MS, 'all messages twice through the log').catch(() => {});
  await Promise.all([forwarding.stop(), receiving.stop()]);
  return {
    firstAck: firstAck.summary(),
    twoHops: twoHops.summary(),
    lost: intendedAt.length - arrived,
    cpuUsPerMessage: (used.user + used.system) / Math.max(1, intendedAt.length - sentBefore),
  };
}

function numberIn(value: Uint8Array): number {
  return new DataView(value.buffer, value.byteOffset).getUint32(0);
}

function fail(error: unknown): never {
  throw error;
}
