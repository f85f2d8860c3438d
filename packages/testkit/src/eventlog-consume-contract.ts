import type { LogRecord } from '@garam/eventlog/event-log';
import { expect, test } from 'vitest';
import type { FixtureOf } from './eventlog-contract.ts';
import { numbered, record, startProbe } from './eventlog-probe.ts';
import { until } from './until.ts';

export function consumeContract(fixture: FixtureOf): void {
  test('a group gets every record of a topic in offset order, older ones and new ones', async () => {
    const { log } = fixture();
    const topic = await fixture().newTopic();
    await log.appendBatch(
      topic,
      0,
      numbered('', 700).map((text) => record(0, text)),
    );
    const probe = startProbe(log, { group: fixture().newGroup(), topics: [topic] });
    await probe.consumer.ready();
    expect(probe.held().toSorted((a, b) => a - b)).toEqual(Array.from({ length: log.partitions }, (_, index) => index));
    for (let index = 700; index < 1_000; index++) void log.append(topic, record(0, `${index}`));
    void log.append(topic, record(1, 'other'));
    await until(() => probe.records.length >= 1_001, 'all are handed over');
    expect(probe.texts(0)).toEqual(numbered('', 1_000));
    expect(probe.texts(1)).toEqual(['other']);
  });

  test('each group gets everything, and one consumer several topics', async () => {
    const { log } = fixture();
    const [first, second] = [await fixture().newTopic(), await fixture().newTopic()];
    const both = startProbe(log, { group: fixture().newGroup(), topics: [first, second] });
    const one = startProbe(log, { group: fixture().newGroup(), topics: [first] });
    await log.append(first, record(0, 'a'));
    await log.append(second, record(0, 'b'));
    await until(() => both.records.length >= 2 && one.records.length >= 1, 'both groups are served');
    expect(both.records.map(({ topic }) => topic).toSorted()).toEqual([first, second].toSorted());
    expect(one.texts()).toEqual(['a']);
  });

  test('the next batch comes only after the one before is handled, and a blocked partition holds up no other', async () => {
    const { log } = fixture();
    const topic = await fixture().newTopic();
    let open = () => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    let isBlocked = false;
    const handling = async ([first]: readonly LogRecord[]) => {
      if (first?.partition !== 0) return;
      isBlocked = true;
      await gate;
    };
    const probe = startProbe(log, { group: fixture().newGroup(), topics: [topic], handling });
    await log.append(topic, record(0, 'first'));
    await until(() => isBlocked, 'the handler of partition 0 is at work');
    await log.append(topic, record(0, 'second'));
    for (const text of numbered('', 20)) await log.append(topic, record(1, text));
    await until(() => probe.texts(1).length >= 20, 'partition 1 goes on');
    expect(probe.texts(0)).toEqual(['first']);
    open();
    await until(() => probe.texts(0).length >= 2, 'partition 0 goes on');
    expect(probe.texts(0)).toEqual(['first', 'second']);
  });

  test('a handler that rejects loses its assignment, and the partition is assigned again from the committed position', async () => {
    const { log } = fixture();
    const topic = await fixture().newTopic();
    let failures = 2;
    const handling = async (records: readonly LogRecord[]) => {
      const isBad = records.some(({ offset }) => offset >= 1);
      if (isBad && failures-- > 0) throw new Error('cannot now');
    };
    const group = fixture().newGroup();
    const probe = startProbe(log, { group, topics: [topic], handling });
    await log.append(topic, record(0, 'good'));
    await until(async () => (await log.committed(group, topic, 0)) === 1, 'the first is committed');
    await log.append(topic, record(0, 'bad'));
    await until(async () => (await log.committed(group, topic, 0)) === 2, 'the second is committed at last');
    expect(probe.texts(0)).toEqual(['good', 'bad', 'bad', 'bad']);
    const own = probe.assignments.filter(({ partition }) => partition === 0);
    expect(own.map(({ start, signal }) => [start, signal.aborted]).slice(-3)).toEqual([
      [expect.any(Number), true],
      [1, true],
      [1, false],
    ]);
    expect(probe.errors.length).toBeGreaterThanOrEqual(2);
  });

  test('a consumer whose handler cannot be made is tried again', async () => {
    const { log } = fixture();
    const topic = await fixture().newTopic();
    let failures = 1;
    const texts: number[] = [];
    const errors: unknown[] = [];
    log.consume({
      group: fixture().newGroup(),
      topics: [topic],
      onError: (error) => errors.push(error),
      assigned({ partition }) {
        if (partition === 0 && failures-- > 0) throw new Error('not yet');
        return { handle: async (records) => void texts.push(...records.map(({ offset }) => offset)) };
      },
    });
    await log.append(topic, record(0, 'a'));
    await until(() => texts.length > 0, 'the record is handed over');
    expect(errors.length).toBeGreaterThan(0);
  });

  test('a new consumer of a group goes on at the committed position: nothing is skipped, committed is not given again', async () => {
    const { log } = fixture();
    const topic = await fixture().newTopic();
    const group = fixture().newGroup();
    const first = startProbe(log, { group, topics: [topic], commits: false });
    await log.appendBatch(
      topic,
      0,
      numbered('', 4).map((text) => record(0, text)),
    );
    await until(() => first.texts(0).length >= 4, 'the first has all');
    await first.assignments.find(({ partition, signal }) => partition === 0 && !signal.aborted)!.commit(2);
    await first.consumer.stop();
    const second = startProbe(log, { group, topics: [topic] });
    await until(() => second.texts(0).length >= 2, 'the second has the rest');
    expect(second.texts(0)).toEqual(['2', '3']);
    expect(second.assignments.find(({ partition }) => partition === 0)?.start).toBe(2);
  });

  test('after a restart uncommitted records are handed over again', async () => {
    const topic = await fixture().newTopic();
    const group = fixture().newGroup();
    const before = startProbe(fixture().log, { group, topics: [topic], commits: false });
    await fixture().log.append(topic, record(0, 'a'));
    await until(() => before.texts(0).length === 1, 'it is handed over');
    await fixture().restart();
    const after = startProbe(fixture().log, { group, topics: [topic] });
    await until(() => after.texts(0).length === 1, 'it is handed over again');
    expect(after.texts(0)).toEqual(['a']);
  });
}
