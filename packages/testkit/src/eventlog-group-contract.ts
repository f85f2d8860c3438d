import type { Assignment, LogRecord } from '@garam/eventlog/event-log';
import { expect, test } from 'vitest';
import type { FixtureOf } from './eventlog-contract.ts';
import { numbered, record, startProbe, type Probe } from './eventlog-probe.ts';
import { until } from './until.ts';

export function groupContract(fixture: FixtureOf): void {
  const shared = (probes: readonly Probe[]) => () => {
    const held = probes.flatMap((probe) => probe.held()).toSorted((a, b) => a - b);
    const isEach = held.length === fixture().log.partitions && held.every((partition, index) => partition === index);
    return isEach && probes.every((probe) => probe.held().length > 0);
  };

  test('a consumer that joins takes over partitions, and the signal of those taken away is aborted', async () => {
    const { log } = fixture();
    const options = { group: fixture().newGroup(), topics: [await fixture().newTopic()] };
    const first = startProbe(log, options);
    await first.consumer.ready();
    const before = [...first.assignments];
    const second = startProbe(log, options);
    await second.consumer.ready();
    await until(shared([first, second]), 'each partition has one consumer, and each consumer a partition');
    for (const partition of second.held()) {
      const taken = before.filter((assignment) => assignment.partition === partition);
      expect(taken.every(({ signal }) => signal.aborted)).toBe(true);
    }
  });

  test('when a consumer stops the others take over from the committed position, and nothing is lost', async () => {
    const { log } = fixture();
    const topic = await fixture().newTopic();
    const options = { group: fixture().newGroup(), topics: [topic] };
    const first = startProbe(log, options);
    const second = startProbe(log, options);
    await until(shared([first, second]), 'the partitions are shared');
    const texts = numbered('x', 60);
    for (const [index, text] of texts.entries()) {
      void log.append(topic, record(index % log.partitions, text));
      if (index === 30) await second.consumer.stop();
    }
    const given = () => new Set([...first.texts(), ...second.texts()]);
    await until(() => texts.every((text) => given().has(text)), 'every record is handed over');
    await until(shared([first]), 'the first has all partitions');
    expect(second.held()).toEqual([]);
  });

  test('within an assignment offsets rise without holes, over joins and stops', async () => {
    const { log } = fixture();
    const topic = await fixture().newTopic();
    const seen = new Map<AbortSignal, number[]>();
    const handling = async (records: readonly LogRecord[], { signal }: Assignment) => {
      if (records[0]?.partition === 0)
        seen.set(signal, (seen.get(signal) ?? []).concat(records.map(({ offset }) => offset)));
    };
    const options = { group: fixture().newGroup(), topics: [topic], handling };
    const probes = [startProbe(log, options)];
    for (const text of numbered('', 90)) {
      await log.append(topic, record(0, text));
      if (text === '30') probes.push(startProbe(log, options));
      if (text === '60') await probes[0]!.consumer.stop();
    }
    const texts = () => new Set(probes.flatMap((probe) => probe.texts(0)));
    await until(() => texts().size === 90, 'every record is handed over');
    const own = probes.flatMap((probe) => probe.assignments.filter(({ partition }) => partition === 0));
    expect(own.length).toBeGreaterThan(1);
    for (const { signal, start } of own) {
      const offsets = seen.get(signal) ?? [];
      expect(offsets).toEqual(offsets.map((_, index) => start + index));
    }
  });

  test('stop lets the running handler end, aborts its signal, and nothing is handed over afterwards', async () => {
    const { log } = fixture();
    const topic = await fixture().newTopic();
    let isHandling = false;
    let hasEnded = false;
    const probe = startProbe(log, {
      group: fixture().newGroup(),
      topics: [topic],
      commits: false,
      handling: (_, { signal }) =>
        new Promise<void>((resolve) => {
          isHandling = true;
          signal.addEventListener('abort', () => {
            hasEnded = true;
            resolve();
          });
        }),
    });
    await log.append(topic, record(0, 'a'));
    await until(() => isHandling, 'the handler is at work');
    await probe.consumer.stop();
    expect(hasEnded).toBe(true);
    expect(probe.held()).toEqual([]);
    const other = startProbe(log, { group: fixture().newGroup(), topics: [topic] });
    await log.append(topic, record(0, 'b'));
    await until(() => other.texts(0).length >= 2, 'another group gets both');
    expect(probe.texts(0)).toEqual(['a']);
  });
}
