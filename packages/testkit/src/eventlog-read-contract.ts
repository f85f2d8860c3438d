import { expect, test } from 'vitest';
import type { FixtureOf } from './eventlog-contract.ts';
import { numbered, record, startProbe, textOf } from './eventlog-probe.ts';
import { until } from './until.ts';

export function readContract(fixture: FixtureOf): void {
  test('a topic without records is empty: end 0, nothing to read, nothing committed', async () => {
    const { log } = fixture();
    const topic = await fixture().newTopic();
    expect(await log.end(topic, 0)).toBe(0);
    expect(await log.read(topic, 0, 0, 10)).toEqual([]);
    expect(await log.offsetAt(topic, 0, 0)).toBe(0);
    expect(await log.committed(fixture().newGroup(), topic, 0)).toBe(0);
  });

  test('a topic with records is among the topics', async () => {
    const { log } = fixture();
    const topic = await fixture().newTopic();
    await log.append(topic, record(0, 'r'));
    expect(await log.topics()).toContain(topic);
  });

  test('read gives at most max records from an offset on, and nothing at the end', async () => {
    const { log } = fixture();
    const topic = await fixture().newTopic();
    await log.appendBatch(
      topic,
      1,
      numbered('r', 10).map((text) => record(1, text)),
    );
    expect((await log.read(topic, 1, 3, 4)).map(textOf)).toEqual(['r3', 'r4', 'r5', 'r6']);
    expect((await log.read(topic, 1, 8, 4)).map(textOf)).toEqual(['r8', 'r9']);
    expect(await log.read(topic, 1, 10, 4)).toEqual([]);
  });

  test('offsetAt finds the first record not older than a time, the end when there is none', async () => {
    const { log } = fixture();
    const topic = await fixture().newTopic();
    const times: number[] = [];
    while (new Set(times).size < 3) times.push((await log.append(topic, record(0, 't'))).timestamp);
    for (const time of new Set(times)) expect(await log.offsetAt(topic, 0, time)).toBe(times.indexOf(time));
    expect(await log.offsetAt(topic, 0, times[0]! - 1_000)).toBe(0);
    expect(await log.offsetAt(topic, 0, times.at(-1)! + 1)).toBe(times.length);
  });

  test('offsetAt takes fractions of a millisecond, as differences of a monotonic clock have them', async () => {
    const { log } = fixture();
    const topic = await fixture().newTopic();
    const { timestamp } = await log.append(topic, record(0, 't'));
    expect(await log.offsetAt(topic, 0, timestamp - 0.25)).toBe(0);
    expect(await log.offsetAt(topic, 0, timestamp + 0.25)).toBe(1);
  });

  test('committed is the position of a group, its own, also after a restart', async () => {
    const topic = await fixture().newTopic();
    const [group, other] = [fixture().newGroup(), fixture().newGroup()];
    const probe = startProbe(fixture().log, { group, topics: [topic] });
    await fixture().log.appendBatch(topic, 0, [record(0, 'a'), record(0, 'b')]);
    await until(async () => (await fixture().log.committed(group, topic, 0)) === 2, 'the group has committed');
    expect(await fixture().log.committed(other, topic, 0)).toBe(0);
    await probe.consumer.stop();
    await fixture().restart();
    expect(await fixture().log.committed(group, topic, 0)).toBe(2);
  });

  test('when retention has deleted a prefix, reading and consuming start at the oldest record left', async (context) => {
    const loseOldest = fixture().loseOldest;
    if (loseOldest === undefined) return context.skip('the adapter cannot be made to forget');
    const { log } = fixture();
    const topic = await fixture().newTopic();
    for (const text of numbered('o', 6)) await log.append(topic, record(0, text));
    const oldest = await loseOldest(topic, 0);
    expect(oldest).toBeGreaterThan(0);
    const expected = numbered('o', 6).slice(oldest);
    expect((await log.read(topic, 0, 0, 100)).map(textOf)).toEqual(expected);
    expect(await log.end(topic, 0)).toBe(6);
    expect(await log.offsetAt(topic, 0, 0)).toBe(oldest);
    const probe = startProbe(log, { group: fixture().newGroup(), topics: [topic] });
    await until(() => probe.records.length >= expected.length, 'what is left is handed over');
    expect(probe.texts(0)).toEqual(expected);
    expect(probe.assignments.find(({ partition }) => partition === 0)?.start).toBe(oldest);
  });
}
