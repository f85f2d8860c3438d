import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { EventRecord } from '@garam/contracts/event-record';
import { toEventRecord } from '@garam/contracts/log-records';
import { partitionOf } from '@garam/contracts/partition-of';
import { deadLetterTopic, TOPICS } from '@garam/contracts/topics';
import { toDeadLetter } from '@garam/eventlog/dead-letter';
import type { LogRecord } from '@garam/eventlog/event-log';
import { systemClock } from '@garam/runtime/system-clock';
import { persisterOptions } from '@garam/service-persister/config';
import { createPersister } from '@garam/service-persister/persister';
import { loadConfig } from '@garam/service/load-config';
import { quietLogger } from '@garam/telemetry/logger';
import { noopMeter } from '@garam/telemetry/meter';
import { until } from '@garam/testkit/until';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { effectiveConfig, garamConfig } from '../config.ts';
import { newFolder, openFolder, type OpenFolder } from '../migrate/old-folder.test-support.ts';
import { runDlq } from './run-dlq.ts';

const PERSISTED = deadLetterTopic(TOPICS.events, 'persister');
let folder: string;
let open: OpenFolder;
let output: string[] = [];
vi.spyOn(console, 'log').mockImplementation((line: string) => void output.push(line));
vi.spyOn(console, 'error').mockImplementation((line: string) => void output.push(line));

beforeEach(() => {
  folder = newFolder();
  open = openFolder(folder, 3);
});

afterEach(() => rmSync(folder, { recursive: true }));

/** What the command says, and its exit code. The log is closed meanwhile: one process, one log. */
async function dlq(...args: string[]): Promise<{ code: number; said: string }> {
  await open.close();
  output = [];
  const code = await runDlq([...args, '--log', `sqlite:${join(folder, 'garam.db')}`], {});
  open = openFolder(folder);
  return { code, said: output.join('\n') };
}

const edit = (text: string): EventRecord => ({
  chat: 'c1',
  rev: 7,
  seq: 3,
  clock: 1_795_000_000_000_000,
  by: 'alice',
  body: { type: 'message.edited', seq: 3, text },
});

/** As a consumer that could not read it put it away. */
async function bury(event: EventRecord, { offset, reason }: { offset: number; reason: string }): Promise<void> {
  const record: LogRecord = { ...toEventRecord(event, 0), topic: TOPICS.events, offset, timestamp: 1 };
  await open.log.append(PERSISTED, toDeadLetter(record, reason));
}

async function persistAll(): Promise<void> {
  const { log, store } = open;
  const deps = { log, store, clock: systemClock, logger: quietLogger, meter: noopMeter };
  const persister = createPersister(deps, persisterOptions(effectiveConfig(loadConfig(garamConfig, {}))));
  await persister.start();
  await until(async () => {
    for (let partition = 0; partition < 3; partition++) {
      const end = await log.end(TOPICS.events, partition);
      if ((await log.committed('persister', TOPICS.events, partition)) < end) return false;
    }
    return true;
  }, 'everything is persisted');
  await persister.stop();
}

const eventsIn = (partition: number) => open.log.read(TOPICS.events, partition, 0, 100);

describe('dead letters', () => {
  test('are none at first', async () => {
    expect(await dlq('list')).toEqual({ code: 0, said: 'There are no dead letters.' });
    expect(await dlq('show')).toEqual({ code: 0, said: 'There are no such dead letters.' });
    expect(await dlq('replay', '--all')).toEqual({ code: 0, said: '0 replayed.' });
  });

  test('are listed with their reasons and shown with their bytes', async () => {
    await open.log.append(TOPICS.events, { partition: 1, key: 'c1', value: new Uint8Array([9, 0xfe]) });
    await persistAll();
    const { code, said } = await dlq('list');
    expect(code).toBe(0);
    expect(said).toMatch(new RegExp(`^${PERSISTED} --partition 1: 1, 1 not replayed, .*: undecodable \\(1\\)$`));
    const shown = await dlq('show', '--group', 'persister', '--partition', '1', '--offset', '0');
    expect(shown.said).toContain(`from ${TOPICS.events}/1 offset 0, key "c1"`);
    expect(shown.said).toContain('2 bytes: 09fe');
  });

  test('are replayed once, and come back when nothing was repaired', async () => {
    await open.log.append(TOPICS.events, { partition: partitionOf('c1', 3), key: 'c1', value: new Uint8Array([9]) });
    await persistAll();
    expect((await dlq('replay', '--all')).said).toContain('1 replayed.');
    expect((await dlq('replay', '--all')).said).toBe('0 replayed.');
    await persistAll();
    expect((await dlq('list')).said).toContain(': 2, 1 not replayed,');
  });

  test('that can be read by now take effect when they are replayed: the same bytes, in the chat’s partition', async () => {
    await bury(edit('one'), { offset: 5, reason: 'undecodable' });
    await bury(edit('two'), { offset: 6, reason: 'undecodable' });
    expect((await dlq('show', '--topic', TOPICS.events)).said).toContain('decodable now: {"chat":"c1"');
    expect(await dlq('replay', '--topic', PERSISTED, '--partition', '0', '--offset', '1')).toMatchObject({ code: 0 });
    const [replayed, ...others] = await eventsIn(partitionOf('c1', 3));
    expect(others).toEqual([]);
    const { value, headers } = toEventRecord(edit('two'), 0);
    expect(Buffer.from(replayed!.value).equals(Buffer.from(value))).toBe(true);
    expect(replayed).toMatchObject({ key: 'c1', headers });
    expect(Object.keys(replayed!.headers).filter((name) => name.startsWith('garam-dlq'))).toEqual([]);
  });

  test('are replayed no more than asked for, oldest first, and the rest next time', async () => {
    for (let index = 0; index < 5; index++) await bury(edit(`edit ${index}`), { offset: index, reason: 'undecodable' });
    expect((await dlq('replay', '--all', '--max', '3')).said).toContain('3 replayed; there may be more');
    expect((await dlq('list')).said).toContain(': 5, 2 not replayed,');
    expect((await dlq('replay', '--all')).said).toContain('2 replayed.');
    const partition = partitionOf('c1', 3);
    const values = (await eventsIn(partition)).map(({ value }) => Buffer.from(value).toString('latin1'));
    expect(values.map((value) => /edit \d/.exec(value)?.[0])).toEqual([
      'edit 0',
      'edit 1',
      'edit 2',
      'edit 3',
      'edit 4',
    ]);
  });

  test('of other consumers of the log are found too', async () => {
    const record = { ...toEventRecord(edit('x'), 0), topic: TOPICS.events, offset: 0, timestamp: 1 };
    await open.log.append(deadLetterTopic(TOPICS.events, 'my.own.search'), toDeadLetter(record, 'no such field'));
    expect((await dlq('list', '--group', 'my.own.search')).said).toContain('no such field (1)');
    expect((await dlq('list', '--group', 'persister')).said).toBe('There are no dead letters.');
  });
});

test.each([
  [[], 78],
  [['bury'], 78],
  [['replay'], 78],
  [['replay', '--all', '--partition', '0', '--offset', '0'], 78],
  [['show', '--partition', '0'], 78],
  [['list', '--max', 'many'], 78],
  [['replay', '--partition', '0', '--offset', '7'], 1],
  [['show', '--partition', '0', '--offset', '7'], 1],
] as [string[], number][])('garam dlq %j ends with %i', async (args, code) => {
  expect((await dlq(...args)).code).toBe(code);
});
