import { join } from 'node:path';
import { readFileSync, rmSync } from 'node:fs';
import { decodeEvent } from '@garam/contracts/event-codec';
import { partitionOf } from '@garam/contracts/partition-of';
import { decodeReply } from '@garam/contracts/reply-codec';
import { TOPICS } from '@garam/contracts/topics';
import { LogError, type EventLog, type LogRecord } from '@garam/eventlog/event-log';
import { systemClock } from '@garam/runtime/system-clock';
import { createSequencer } from '@garam/service-sequencer/sequencer';
import { sequencerOptions } from '@garam/service-sequencer/config';
import { text, type CommandFields } from '@garam/service-sequencer/testing/commands';
import { loadConfig } from '@garam/service/load-config';
import type { Store } from '@garam/store/store';
import { quietLogger } from '@garam/telemetry/logger';
import { noopMeter } from '@garam/telemetry/meter';
import { until } from '@garam/testkit/until';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { effectiveConfig, garamConfig } from '../config.ts';
import { drainSource } from './drain-source.ts';
import { refuseMovedFolder } from './folder-note.ts';
import { migrate, type MigrationOutcome } from './migrate.ts';
import type { Target } from './migration.ts';
import { append, CHATS, makeOldFolder, newFolder, openFolder, type OpenFolder } from './old-folder.test-support.ts';
import { openSource } from './open-source.ts';
import { createPatience } from '../patience.ts';
import { createProgress } from './progress.ts';
import { runMigrate } from './run-migrate.ts';

const CONFIG = effectiveConfig(loadConfig(garamConfig, {}));
const DEPS = { clock: systemClock, logger: quietLogger, meter: noopMeter };
const folders: string[] = [];
const output: string[] = [];
vi.spyOn(console, 'log').mockImplementation((line: string) => void output.push(line));
vi.spyOn(console, 'error').mockImplementation((line: string) => void output.push(line));

afterEach(() => {
  output.length = 0;
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

async function oldFolder(): Promise<string> {
  const folder = await makeOldFolder();
  folders.push(folder);
  return folder;
}

/** An empty log and store in so many partitions. */
async function emptyFolder(partitions: number): Promise<string> {
  const folder = newFolder();
  folders.push(folder);
  await openFolder(folder, partitions).close();
  return folder;
}

function run(from: string, to: string): Promise<number> {
  const url = `sqlite:${join(to, 'garam.db')}`;
  return runMigrate(['--from', from, '--to-log', url, '--to-store', url], {});
}

async function using<T>(folder: string, work: (open: OpenFolder) => Promise<T>): Promise<T> {
  const open = openFolder(folder);
  try {
    return await work(open);
  } finally {
    await open.close();
  }
}

async function recordsOf(log: EventLog, topic: string): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  for (let partition = 0; partition < log.partitions; partition++)
    records.push(...(await log.read(topic, partition, 0, 10_000)));
  return records;
}

async function eventsByChat(log: EventLog): Promise<Record<string, string[]>> {
  const records = await recordsOf(log, TOPICS.events);
  const byChat = Map.groupBy(records, ({ key }) => key);
  return Object.fromEntries(
    [...byChat].map(([chat, own]) => [chat, own.map(({ value }) => Buffer.from(value).toString('hex'))]),
  );
}

/** Lets a sequencer decide commands on the log. */
async function decideOn({ log, store }: OpenFolder, commands: readonly CommandFields[]): Promise<void> {
  const sequencer = createSequencer(
    { log, store, ...DEPS },
    {
      ...sequencerOptions(CONFIG),
      flushIntervalMs: 20,
    },
  );
  await append(log, commands);
  await sequencer.start();
  await until(async () => {
    for (let partition = 0; partition < log.partitions; partition++) {
      const end = await log.end(TOPICS.commands, partition);
      if ((await log.committed('sequencer', TOPICS.commands, partition)) < end) return false;
    }
    return true;
  }, 'everything is decided');
  await sequencer.stop();
}

describe('a moved folder', () => {
  test('is complete and equal, its pending commands are decided, and the same events are dense in their partitions', async () => {
    const [from, to] = [await oldFolder(), await emptyFolder(4)];
    expect(await run(from, to)).toBe(0);
    expect(output.join('\n')).toContain('Everything is there and equal');
    const before = await using(from, ({ log }) => eventsByChat(log));
    expect(new Set(Object.keys(before))).toEqual(new Set(CHATS));
    await using(to, async ({ log, store }) => {
      expect(await eventsByChat(log)).toEqual(before);
      const partitions = new Set<number>();
      for (const { key, partition } of await recordsOf(log, TOPICS.events)) {
        expect(partition).toBe(partitionOf(key, 4));
        partitions.add(partition);
      }
      expect(partitions.size).toBeGreaterThan(1);
      expect(await store.reads.membership('bob', 'c1')).toMatchObject({
        muted: true,
        pinned: true,
        hiddenThroughSeq: 4,
        read: 12,
        delivered: 20,
      });
      expect(await store.users.standing('mallory')).toMatchObject({ banned: true, silencedUntil: 99 });
      expect(await store.users.hasBlocked('bob', 'mallory')).toBe(true);
      expect(await store.users.hasBlocked('bob', 'carol')).toBe(false);
    });
  });

  test('goes on under the name of the old log, and those who made its views begin behind the past', async () => {
    const [from, to] = [await oldFolder(), await emptyFolder(2)];
    await run(from, to);
    const name = await using(from, async ({ log }) => log.id);
    await using(to, async ({ log, store }) => {
      expect(await store.logNames.find(log.id)).toEqual({ name, isComplete: true });
      for (const group of ['persister', 'fanout'])
        for (let partition = 0; partition < 2; partition++)
          expect(await log.committed(group, TOPICS.events, partition)).toBe(await log.end(TOPICS.events, partition));
    });
  });

  test('answers what was sent before as duplicates, remembers refusals, and counts on densely', async () => {
    const [from, to] = [await oldFolder(), await emptyFolder(4)];
    await run(from, to);
    await using(to, async (open) => {
      const again = { chat: 'c2', clientId: 'm7', body: text('c2 7') };
      await decideOn(open, [
        again,
        { ...again, attempt: 2 },
        { chat: 'c2', actor: 'carol', clientId: 'x', body: text('no longer a member') },
        { chat: 'nowhere', clientId: 'lost', sentAt: 0, body: text('is there anybody') },
        { chat: 'c2', actor: 'bob', clientId: 'new', body: text('new') },
      ]);
      const replies = (await recordsOf(open.log, TOPICS.replies)).map(({ value }) => decodeReply(value)!);
      const ofChat = replies.filter(({ chat }) => chat === 'c2');
      expect(ofChat).toMatchObject([
        { outcome: 'duplicate', seq: 8, rev: 9 },
        { outcome: 'duplicate', seq: 8, rev: 9 },
        { outcome: 'refused' },
      ]);
      expect(replies.find(({ chat }) => chat === 'nowhere')).toMatchObject({ outcome: 'refused', error: 'not_found' });
      const events = (await recordsOf(open.log, TOPICS.events)).map(({ value }) => decodeEvent(value)!);
      const revs = events.filter(({ chat }) => chat === 'c2').map(({ rev }) => rev);
      expect(revs).toEqual(Array.from({ length: 19 }, (_, index) => index + 1));
      expect(events.findLast(({ chat }) => chat === 'c2')).toMatchObject({ rev: 19, seq: 13, by: 'bob' });
    });
  });

  test('is not started again, nor moved elsewhere; moving it again changes nothing', async () => {
    const [from, to, elsewhere] = [await oldFolder(), await emptyFolder(2), await emptyFolder(2)];
    await run(from, to);
    expect(() => refuseMovedFolder(from)).toThrow('were moved');
    expect(() => refuseMovedFolder(to)).not.toThrow();
    expect(await run(from, elsewhere)).toBe(1);
    expect(await run(from, to)).toBe(0);
    expect(output.at(-1)).toContain('nothing was done');
  });

  test('can be moved on from where it went, under the same name', async () => {
    const [from, to, further] = [await oldFolder(), await emptyFolder(2), await emptyFolder(3)];
    await run(from, to);
    await using(to, (open) => decideOn(open, [{ chat: 'c1', actor: 'bob', clientId: 'new', body: text('new') }]));
    expect(await run(to, further)).toBe(0);
    const name = await using(from, async ({ log }) => log.id);
    await using(further, async (open) => {
      expect(await open.store.logNames.find(open.log.id)).toEqual({ name, isComplete: true });
      await decideOn(open, [{ chat: 'c1', clientId: 'm7', attempt: 2, body: text('c1 7') }]);
      const replies = (await recordsOf(open.log, TOPICS.replies)).map(({ value }) => decodeReply(value));
      expect(replies).toMatchObject([{ outcome: 'duplicate', seq: 8, rev: 9 }]);
    });
  });
});

/** One run with a target that is not as it should be. */
async function runWith(from: string, to: string, alter: (target: Target) => Target): Promise<MigrationOutcome> {
  const progress = createProgress(systemClock, () => undefined);
  const { source, adapters, close } = await openSource(from, DEPS);
  try {
    await drainSource(adapters, { ...DEPS, config: CONFIG, progress });
    const patiently = createPatience(systemClock, 100);
    return await using(to, ({ log, store }) =>
      migrate({ source, target: alter({ log, store }), clock: systemClock, patiently, progress }),
    );
  } finally {
    await close();
  }
}

/** The log, dead after so many appends; the last of them is written and not acknowledged. */
function dyingLog(log: EventLog, appends: number): EventLog {
  let left = appends;
  return new Proxy(log, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (name !== 'appendBatch') return typeof value === 'function' ? value.bind(target) : value;
      return async (...args: Parameters<EventLog['appendBatch']>) => {
        if (left-- > 0) return target.appendBatch(...args);
        if (left === -1) await target.appendBatch(...args);
        throw new LogError('unknown', 'gone');
      };
    },
  });
}

describe('a migration that is interrupted', () => {
  test('goes on when it is run again, also from a folder that has gone on itself, and ends the same', async () => {
    const [from, to] = [await oldFolder(), await emptyFolder(4)];
    await expect(runWith(from, to, ({ log, store }) => ({ store, log: dyingLog(log, 2) }))).rejects.toThrow('gone');
    expect(() => refuseMovedFolder(from)).toThrow('are being moved');
    await using(to, async ({ log, store }) => expect((await store.logNames.find(log.id))?.isComplete).toBe(false));
    await using(from, (open) => decideOn(open, [{ chat: 'c1', actor: 'bob', clientId: 'later', body: text('later') }]));
    expect(await run(from, to)).toBe(0);
    const before = await using(from, ({ log }) => eventsByChat(log));
    const after = await using(to, ({ log }) => eventsByChat(log));
    for (const chat of CHATS) expect([...new Set(after[chat])]).toEqual(before[chat]);
  });

  test('does not go on into what another folder began', async () => {
    const [from, other, to] = [await oldFolder(), await oldFolder(), await emptyFolder(2)];
    await expect(runWith(from, to, ({ log, store }) => ({ store, log: dyingLog(log, 0) }))).rejects.toThrow('gone');
    expect(await run(other, to)).toBe(1);
    expect(output.at(-1)).toContain('belong to log');
  });
});

const BROKEN: Record<string, (store: Store) => Partial<Store>> = {
  'an edit is lost': (store) => ({ writes: { ...store.writes, editMessages: async () => undefined } }),
  'a reaction is lost': (store) => ({ writes: { ...store.writes, putReactions: async () => undefined } }),
  'marks are lost': (store) => ({ writes: { ...store.writes, raiseMarks: async () => undefined } }),
  'preferences are lost': (store) => ({ users: { ...store.users, putPrefs: async () => undefined } }),
  'a block is lost': (store) => ({ users: { ...store.users, block: async () => undefined } }),
  'answers are lost': (store) => ({ sequencer: { ...store.sequencer, saveSent: async () => undefined } }),
  'timelines are lost': (store) => ({ sequencer: { ...store.sequencer, saveMembers: async () => undefined } }),
};

test.each(Object.keys(BROKEN))('it is noticed, and nobody let in, when %s', async (name) => {
  const [from, to] = [await oldFolder(), await emptyFolder(2)];
  const outcome = await runWith(from, to, ({ log, store }) => ({
    log,
    store: { ...store, ...BROKEN[name]!(store) },
  }));
  expect(outcome.state).toBe('differing');
  await using(to, async ({ log, store }) => expect((await store.logNames.find(log.id))?.isComplete).toBe(false));
});

describe('a migration is refused', () => {
  test('while the folder is in use', async () => {
    const [from, to] = [await oldFolder(), await emptyFolder(1)];
    await using(from, async () => expect(await run(from, to)).toBe(1));
    expect(output.join('\n')).toContain('is in use');
    expect(() => refuseMovedFolder(from)).not.toThrow();
  });

  test('when there is no folder, and makes none', async () => {
    const to = await emptyFolder(1);
    expect(await run(join(to, 'nothing'), to)).toBe(1);
    expect(output.join('\n')).toContain('no data folder');
    expect(() => readFileSync(join(to, 'nothing/garam.db'))).toThrow('ENOENT');
  });

  test('when the new log or store is not empty, and leaves the old folder as it was', async () => {
    const [from, used, known] = [await oldFolder(), await emptyFolder(2), await emptyFolder(2)];
    await using(used, ({ log }) => append(log, [{ chat: 'other', clientId: 'x', body: text('x') }]));
    await using(known, ({ store }) => store.users.putProfile({ user: 'alice', name: 'Another', at: 1 }));
    expect(await run(from, used)).toBe(1);
    expect(output.at(-1)).toContain('the new log is not empty');
    expect(await run(from, known)).toBe(1);
    expect(output.at(-1)).toContain('the new store is not empty');
    expect(() => refuseMovedFolder(from)).not.toThrow();
  });

  test('when it is called wrongly', async () => {
    expect(await runMigrate(['--from', 'x'], {})).toBe(78);
    expect(await runMigrate(['--from', 'x', '--to-log', 'mysql://x', '--to-store', 'y'], {})).toBe(78);
  });
});
