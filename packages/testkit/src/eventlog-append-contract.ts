import { LogError, type Appended } from '@garam/eventlog/event-log';
import { expect, test } from 'vitest';
import type { FixtureOf } from './eventlog-contract.ts';
import { numbered, record, startProbe, textOf } from './eventlog-probe.ts';
import { until } from './until.ts';

export function appendContract(fixture: FixtureOf): void {
  test('an acknowledged append has its offset, dense from 0 per partition, and can be read', async () => {
    const { log } = fixture();
    const topic = await fixture().newTopic();
    for (const offset of [0, 1, 2]) {
      const appended = await log.append(topic, record(1, `a${offset}`));
      expect(appended.offset).toBe(offset);
      expect(await log.end(topic, 1)).toBe(offset + 1);
      expect((await log.read(topic, 1, offset, 10)).map(textOf)).toEqual([`a${offset}`]);
    }
    expect(await log.end(topic, 0)).toBe(0);
  });

  test('appends to a partition take effect in the order of the calls, single ones and batches alike', async () => {
    const { log } = fixture();
    const topic = await fixture().newTopic();
    const calls: Promise<Appended>[] = [];
    for (let index = 0; index < 300; index++) {
      if (index % 3 === 0) calls.push(log.appendBatch(topic, 0, [record(0, `${index}`), record(0, `${index}+`)]));
      else calls.push(log.append(topic, record(0, `${index}`)));
      calls.push(log.append(topic, record(1, `${index}`)));
    }
    const appended = await Promise.all(calls);
    expect(appended.slice(0, 6).map(({ offset }) => offset)).toEqual([0, 0, 2, 1, 3, 2]);
    const expected = numbered('', 300).flatMap((text, index) => (index % 3 === 0 ? [text, `${text}+`] : [text]));
    expect((await log.read(topic, 0, 0, 1_000)).map(textOf)).toEqual(expected);
    expect((await log.read(topic, 1, 0, 1_000)).map(textOf)).toEqual(numbered('', 300));
  });

  test('a batch lies together, and its acknowledgement names its first offset', async () => {
    const { log } = fixture();
    const topic = await fixture().newTopic();
    const calls = numbered('b', 20).map((text) =>
      log.appendBatch(topic, 0, [record(0, `${text}.0`), record(0, `${text}.1`), record(0, `${text}.2`)]),
    );
    const appended = await Promise.all(calls);
    const texts = (await log.read(topic, 0, 0, 100)).map(textOf);
    for (const [index, { offset }] of appended.entries()) {
      expect(texts.slice(offset, offset + 3)).toEqual([`b${index}.0`, `b${index}.1`, `b${index}.2`]);
    }
  });

  test('bytes, keys and headers come back as they were given, live and after a restart', async () => {
    const topic = await fixture().newTopic();
    const group = fixture().newGroup();
    const every = Uint8Array.from({ length: 256 }, (_, index) => index);
    const headers = { ce_id: '1', traceparent: '00-가람-01' };
    const probe = startProbe(fixture().log, { group, topics: [topic] });
    await probe.consumer.ready();
    await fixture().log.appendBatch(topic, 0, [
      { partition: 0, key: '채팅-1', value: every, headers },
      { partition: 0, key: '', value: new Uint8Array(0) },
    ]);
    await until(() => probe.records.length >= 2, 'both are handed over');
    await fixture().restart();
    const read = await fixture().log.read(topic, 0, 0, 10);
    for (const records of [probe.records, read]) {
      expect(records.map(({ key, headers: given }) => [key, given])).toEqual([
        ['채팅-1', headers],
        ['', {}],
      ]);
      expect(records.map(({ value }) => [...value])).toEqual([[...every], []]);
      expect(records.map((each) => [each.topic, each.partition, each.offset])).toEqual([
        [topic, 0, 0],
        [topic, 0, 1],
      ]);
    }
    expect(probe.records.map(({ timestamp }) => timestamp)).toEqual(read.map(({ timestamp }) => timestamp));
  });

  test('what was acknowledged is there after a restart, and offsets and the log id go on', async () => {
    const topic = await fixture().newTopic();
    const { id, partitions } = fixture().log;
    await fixture().log.append(topic, record(1, 'before'));
    await fixture().restart();
    const { log } = fixture();
    expect([log.id, log.partitions]).toEqual([id, partitions]);
    expect((await log.append(topic, record(1, 'after'))).offset).toBe(1);
    expect((await log.read(topic, 1, 0, 10)).map(textOf)).toEqual(['before', 'after']);
  });

  test('timestamps are the log’s own, the same for acknowledgement and readers, and never go back', async () => {
    const { log } = fixture();
    const topic = await fixture().newTopic();
    const appended: Appended[] = [];
    for (let round = 0; round < 5; round++) {
      const calls = numbered('t', 4).map((text) => log.append(topic, record(0, text)));
      appended.push(...(await Promise.all(calls)));
    }
    const times = (await log.read(topic, 0, 0, 100)).map(({ timestamp }) => timestamp);
    expect(times).toEqual(appended.map(({ timestamp }) => timestamp));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  test('a record no longer wanted when it is about to be written is dropped alone', async () => {
    const { log } = fixture();
    const topic = await fixture().newTopic();
    const outcomes = await Promise.allSettled([
      log.append(topic, record(0, 'a', { stillWanted: () => true })),
      log.append(topic, record(0, 'b', { stillWanted: () => false })),
      log.append(topic, record(0, 'c')),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    const dropped: unknown = outcomes[1].status === 'rejected' ? outcomes[1].reason : undefined;
    expect(dropped).toBeInstanceOf(LogError);
    expect(dropped).toMatchObject({ reason: 'dropped' });
    expect((await log.read(topic, 0, 0, 10)).map(textOf)).toEqual(['a', 'c']);
  });

  test('while appends fail nothing overtakes a failure, and afterwards it goes on', async (context) => {
    const breakAppends = fixture().breakAppends;
    if (breakAppends === undefined) return context.skip('the adapter cannot be made to fail');
    const { log } = fixture();
    const topic = await fixture().newTopic();
    await log.append(topic, record(0, 'before'));
    const early = Promise.allSettled(numbered('a', 5).map((text) => log.append(topic, record(0, text))));
    const heal = await breakAppends();
    const broken = Promise.allSettled(numbered('b', 5).map((text) => log.append(topic, record(0, text))));
    const outcomes = [...(await early), ...(await broken)];
    await heal();
    expect(outcomes.at(-1)).toMatchObject({ status: 'rejected', reason: { name: 'LogError' } });
    const firstFailure = outcomes.findIndex(({ status }) => status === 'rejected');
    expect(outcomes.slice(firstFailure).every(({ status }) => status === 'rejected')).toBe(true);
    for (const outcome of outcomes.slice(firstFailure)) {
      expect(['unavailable', 'unknown']).toContain((outcome as PromiseRejectedResult).reason.reason);
    }
    await log.append(topic, record(0, 'after'));
    const texts = (await log.read(topic, 0, 0, 100)).map(textOf);
    const all = [...numbered('a', 5), ...numbered('b', 5)];
    const acknowledged = all.slice(0, firstFailure);
    expect(texts.filter((text) => acknowledged.includes(text))).toEqual(acknowledged);
    expect([texts[0], texts.at(-1)]).toEqual(['before', 'after']);
    for (const [index, text] of all.entries()) {
      const outcome = outcomes[index]!;
      const isNotAppended = outcome.status === 'rejected' && outcome.reason.reason === 'unavailable';
      expect(isNotAppended && texts.includes(text)).toBe(false);
    }
  });

  test('a closed log takes nothing', async () => {
    const topic = await fixture().newTopic();
    const closed = fixture().log;
    await closed.append(topic, record(0, 'a'));
    await fixture().restart();
    await expect(closed.append(topic, record(0, 'b'))).rejects.toMatchObject({ name: 'LogError', reason: 'closed' });
    expect(await fixture().log.end(topic, 0)).toBe(1);
  });
}
