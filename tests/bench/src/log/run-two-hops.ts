import type { Consumer, EventLog } from '@garam/eventlog/event-log';
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
  topics: readonly [string, string],
  options: TwoHopOptions,
): Promise<TwoHopResult> {
  const tally = new Tally();
  const consumers = [forward(log, topics), receive(log, topics[1], tally)];
  await Promise.all(consumers.map((consumer) => consumer.ready()));
  const cpuUs = await offer(log, topics[0], options, tally);
  const isThrough = () => tally.arrived >= tally.intendedAt.length;
  await until(isThrough, DRAIN_MS, 'all messages twice through the log').catch(() => {});
  await Promise.all(consumers.map((consumer) => consumer.stop()));
  return {
    firstAck: tally.firstAck.summary(),
    twoHops: tally.twoHops.summary(),
    lost: tally.intendedAt.length - tally.arrived,
    cpuUsPerMessage: cpuUs / Math.max(1, tally.twoHops.count),
  };
}

/** Latencies are of messages meant to be sent from `measureFrom` on. */
class Tally {
  readonly intendedAt: number[] = [];
  readonly firstAck = new Histogram();
  readonly twoHops = new Histogram();
  measureFrom = Infinity;
  arrived = 0;

  acknowledged(dueAt: number): void {
    if (dueAt >= this.measureFrom) this.firstAck.record(performance.now() - dueAt);
  }

  received(message: number, now: number): void {
    const dueAt = this.intendedAt[message]!;
    this.arrived += 1;
    if (dueAt >= this.measureFrom) this.twoHops.record(now - dueAt);
  }
}

function forward(log: EventLog, [first, second]: readonly [string, string]): Consumer {
  return log.consume({
    group: first,
    topics: [first],
    assigned: ({ partition }) => ({
      async handle(records) {
        const onward = records.map(({ key, value }) => ({ partition, key, value }));
        log.appendBatch(second, partition, onward).catch(fail);
      },
    }),
  });
}

function receive(log: EventLog, second: string, tally: Tally): Consumer {
  return log.consume({
    group: second,
    topics: [second],
    assigned: () => ({
      async handle(records) {
        const now = performance.now();
        for (const { value } of records) tally.received(numberIn(value), now);
      },
    }),
  });
}

/** @returns the CPU time of this process while it was measured, µs */
async function offer(
  log: EventLog,
  topic: string,
  { rate, warmUpMs, measureMs, seed }: TwoHopOptions,
  tally: Tally,
): Promise<number> {
  const random = createRandom(seed);
  const send = (dueAt: number): void => {
    const value = Buffer.alloc(VALUE_BYTES);
    value.writeUInt32BE(tally.intendedAt.push(dueAt) - 1);
    const partition = random.integer(log.partitions);
    log.append(topic, { partition, key: String(partition), value }).then(() => tally.acknowledged(dueAt), fail);
  };
  let dueAt = performance.now();
  tally.measureFrom = dueAt + warmUpMs;
  const end = tally.measureFrom + measureMs;
  let before: NodeJS.CpuUsage | undefined;
  while (dueAt < end) {
    const now = performance.now();
    if (now >= tally.measureFrom) before ??= process.cpuUsage();
    for (; dueAt <= now && dueAt < end; dueAt += random.exponential(1000 / rate)) send(dueAt);
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

function numberIn(value: Uint8Array): number {
  return new DataView(value.buffer, value.byteOffset).getUint32(0);
}

function fail(error: unknown): never {
  throw error;
}
