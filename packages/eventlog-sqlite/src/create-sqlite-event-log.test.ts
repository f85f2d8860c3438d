import type { Assignment, EventLog } from '@garam/eventlog/event-log';
import { openSqlite } from '@garam/sqlite/open-sqlite';
import type { SqliteFile } from '@garam/sqlite/sqlite-file';
import { numbered, record, startProbe, textOf } from '@garam/testkit/eventlog-probe';
import { createManualClock, type ManualClock } from '@garam/testkit/manual-clock';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSqliteEventLog, type SqliteEventLogOptions } from './create-sqlite-event-log.ts';

let folder: string;
let clock: ManualClock;
let file: SqliteFile;
const opened: { log: EventLog; file: SqliteFile }[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'garam-log-'));
  clock = createManualClock();
});
afterEach(async () => {
  for (const each of opened.splice(0)) {
    await each.log.close();
    await each.file.close();
  }
  rmSync(folder, { recursive: true, force: true });
});

function open(options: Partial<SqliteEventLogOptions> = {}, path = join(folder, 'garam.db')): EventLog {
  file = openSqlite(path, { clock, writeDeadlineMs: 1_000 });
  const log = createSqliteEventLog(file, { clock, partitions: 8, ...options });
  opened.push({ log, file });
  return log;
}

async function reopen(options: Partial<SqliteEventLogOptions> = {}): Promise<EventLog> {
  const last = opened.pop()!;
  await last.log.close();
  await last.file.close();
  return open(options);
}

describe('appending', () => {
  test('all appends of a turn are one commit', async () => {
    const log = open();
    const before = file.stats().commits;
    await Promise.all(numbered('a', 100).map((text, index) => log.append('topic', record(index % 8, text))));
    expect(file.stats().commits - before).toBe(1);
  });

  test('when the wall clock goes back, timestamps do not, also after a restart', async () => {
    const log = open();
    await clock.advance(10_000);
    const { timestamp } = await log.append('topic', record(0, 'a'));
    clock = createManualClock();
    expect(clock.now()).toBeLessThan(timestamp);
    const again = await reopen();
    expect((await again.append('topic', record(0, 'b'))).timestamp).toBe(timestamp);
  });

  test('while another process holds the file appends wait in order, until their deadline', async () => {
    const log = open();
    await log.append('topic', record(0, 'before'));
    const other = new DatabaseSync(join(folder, 'garam.db'));
    other.exec('BEGIN IMMEDIATE');
    const waited = Promise.all(numbered('a', 3).map((text) => log.append('topic', record(0, text))));
    await clock.advance(500);
    other.exec('ROLLBACK');
    await clock.advance(200);
    expect((await waited).map(({ offset }) => offset)).toEqual([1, 2, 3]);
    other.exec('BEGIN IMMEDIATE');
    const first = log.append('topic', record(0, 'b')).catch((error: unknown) => error);
    await clock.advance(900);
    const second = log.append('topic', record(0, 'c')).catch((error: unknown) => error);
    await clock.advance(300);
    other.close();
    expect([await first, await second]).toMatchObject([{ reason: 'unavailable' }, { reason: 'unavailable' }]);
    expect((await log.append('topic', record(0, 'd'))).offset).toBe(4);
  });

  test('records that wait are bounded', async () => {
    const log = open({ recordsWaitingMax: 3 });
    const outcomes = await Promise.allSettled(numbered('a', 5).map((text) => log.append('topic', record(0, text))));
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'rejected',
      'rejected',
    ]);
    await expect(log.append('topic', record(0, 'b'))).resolves.toMatchObject({ offset: 3 });
  });

  test('a partition that is not there is a caller’s mistake', async () => {
    const log = open({ partitions: 4 });
    await expect(log.append('topic', record(4, 'a'))).rejects.toBeInstanceOf(RangeError);
  });

  test('records that failed for another reason of the file leave no gap and no topic behind', async () => {
    const log = open();
    file.read(`PRAGMA max_page_count = ${Number(file.read('PRAGMA page_count').get()?.['page_count'])}`).get();
    const large = record(0, 'x'.repeat(100_000));
    await expect(log.append('topic', large)).rejects.toMatchObject({ reason: 'unavailable' });
    file.read('PRAGMA max_page_count = 100000').get();
    expect((await log.append('other', record(0, 'a'))).offset).toBe(0);
    expect((await log.append('topic', large)).offset).toBe(0);
    expect((await log.read('other', 0, 0, 10)).map(textOf)).toEqual(['a']);
  });
});

describe('one file', () => {
  test('has one log per process, with the number of partitions it was made with', async () => {
    open({ partitions: 4 });
    expect(() => createSqliteEventLog(file, { clock, partitions: 8 })).toThrow(/already/);
    await expect(reopen({ partitions: 8 })).rejects.toThrow(/4 partitions/);
    expect(open({ partitions: undefined }).partitions).toBe(4);
  });

  test('another file is another log', async () => {
    const ids = [open().id, open({}, join(folder, 'other.db')).id];
    expect(new Set(ids).size).toBe(2);
  });

  test('what another process appends is consumed, and offsets go on after it', async () => {
    const log = open();
    const probe = startProbe(log, { group: 'group', topics: ['topic'] });
    await log.append('topic', record(0, 'mine'));
    // The same file by another name: SQLite sees another process.
    symlinkSync(folder, `${folder}-link`);
    try {
      const other = open({}, join(`${folder}-link`, 'garam.db'));
      expect(other.id).toBe(log.id);
      expect((await other.append('topic', record(0, 'theirs'))).offset).toBe(1);
      await clock.advance(100);
      expect(probe.texts(0)).toEqual(['mine', 'theirs']);
      const both = await Promise.all([log.append('topic', record(0, 'x')), other.append('topic', record(0, 'x'))]);
      expect(both.map(({ offset }) => offset).toSorted((a, b) => a - b)).toEqual([2, 3]);
      await clock.advance(100);
      expect(probe.records.map(({ offset }) => offset)).toEqual([0, 1, 2, 3]);
    } finally {
      rmSync(`${folder}-link`);
    }
  });

  test('a consumer that is behind does not miss what another process appended in between', async () => {
    const log = open();
    const gate = Promise.withResolvers<void>();
    const probe = startProbe(log, { group: 'group', topics: ['topic'], handling: () => gate.promise });
    await log.append('topic', record(0, 'a'));
    await clock.settle();
    await log.append('topic', record(0, 'b'));
    symlinkSync(folder, `${folder}-link`);
    try {
      const other = open({}, join(`${folder}-link`, 'garam.db'));
      await other.append('topic', record(0, 'c'));
      await log.append('topic', record(0, 'd'));
      gate.resolve();
      await clock.settle();
      expect(probe.texts(0)).toEqual(['a', 'b', 'c', 'd']);
    } finally {
      rmSync(`${folder}-link`);
    }
  });

  test('every record can be looked at with plain SQL', async () => {
    const log = open({ partitions: 4 });
    await log.append('first', record(1, 'a'));
    await log.append('second', record(3, 'b', { headers: { ce_type: 'x' } }));
    await log.append('second', record(3, 'c'));
    const rows = file.read('SELECT topic, partition, "offset", CAST(value AS TEXT) AS value FROM log').all();
    expect(rows.map((row) => Object.values(row))).toEqual([
      ['first', 1, 0, 'a'],
      ['second', 3, 0, 'b'],
      ['second', 3, 1, 'c'],
    ]);
  });
});

describe('consuming', () => {
  test('a consumer that keeps up is given the very bytes that were appended', async () => {
    const log = open();
    const probe = startProbe(log, { group: 'group', topics: ['topic'] });
    await probe.consumer.ready();
    const given = record(0, 'a');
    await log.append('topic', given);
    await clock.settle();
    expect(probe.records[0]?.value).toBe(given.value);
  });

  test('a consumer thousands behind gets the rest from the file, in order', async () => {
    const log = open();
    let open_ = () => {};
    const gate = new Promise<void>((resolve) => (open_ = resolve));
    const probe = startProbe(log, { group: 'group', topics: ['topic'], handling: () => gate });
    await log.append('topic', record(0, '0'));
    await clock.settle();
    const batch = numbered('', 5_000).slice(1);
    await log.appendBatch(
      'topic',
      0,
      batch.map((text) => record(0, text)),
    );
    open_();
    await clock.settle();
    expect(probe.texts(0)).toEqual(numbered('', 5_000));
  });

  test('a commit of an assignment that has ended is refused and changes nothing', async () => {
    const log = open();
    const probe = startProbe(log, { group: 'group', topics: ['topic'] });
    await log.append('topic', record(0, 'a'));
    await clock.settle();
    await probe.consumer.stop();
    await expect(probe.assignments[0]!.commit(99)).rejects.toMatchObject({ reason: 'closed' });
    expect(await log.committed('group', 'topic', 0)).toBe(1);
  });

  test('a handler that goes on when its partition is taken away delays the next holder only so long', async () => {
    const log = open({ handlerGraceMs: 2_000 });
    const never = () => new Promise<void>(() => {});
    const stuck = startProbe(log, { group: 'group', topics: ['topic'], handling: never });
    await log.append('topic', record(0, 'a'));
    await clock.settle();
    void stuck.consumer.stop();
    const next = startProbe(log, { group: 'group', topics: ['topic'] });
    await clock.advance(1_900);
    expect(next.texts(0)).toEqual([]);
    await clock.advance(200);
    expect(next.texts(0)).toEqual(['a']);
  });

  test('after a rejection the pause grows, and a success makes it short again', async () => {
    const log = open();
    const times: number[] = [];
    let isBroken = true;
    const handling = async () => {
      times.push(clock.monotonic());
      if (isBroken) throw new Error('broken');
    };
    const probe = startProbe(log, { group: 'group', topics: ['topic'], handling });
    await log.append('topic', record(0, 'a'));
    await clock.advance(60_000);
    const pauses = times.slice(1).map((time, index) => time - times[index]!);
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(100);
    expect(Math.max(...pauses.slice(5))).toBeGreaterThan(1_000);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(5_100);
    isBroken = false;
    await clock.advance(6_000);
    expect(await log.committed('group', 'topic', 0)).toBe(1);
    isBroken = true;
    const from = times.length;
    await log.append('topic', record(0, 'b'));
    await clock.advance(300);
    expect(times.length - from).toBeGreaterThanOrEqual(2);
    expect(probe.errors.length).toBeGreaterThan(10);
  });

  test('partitions that do not change hands keep their assignment when a consumer joins', async () => {
    const log = open({ partitions: 4 });
    const first = startProbe(log, { group: 'group', topics: ['topic'] });
    await clock.settle();
    startProbe(log, { group: 'group', topics: ['topic'] });
    await clock.settle();
    expect(first.assignments).toHaveLength(4);
    expect(first.held()).toEqual([0, 2]);
  });

  test('closing the log ends every assignment, settles what was appended and takes nothing more', async () => {
    const log = open();
    const assignments: Assignment[] = [];
    log.consume({
      group: 'group',
      topics: ['topic'],
      assigned: (assignment) => {
        assignments.push(assignment);
        return { handle: async () => {} };
      },
    });
    await clock.settle();
    const appended = log.append('topic', record(0, 'a'));
    await log.close();
    expect(await appended).toMatchObject({ offset: 0 });
    await expect(log.append('topic', record(0, 'b'))).rejects.toMatchObject({ reason: 'closed' });
    expect(assignments.map(({ signal }) => signal.aborted)).toEqual(Array.from({ length: 8 }, () => true));
    expect(() => log.consume({ group: 'group', topics: [], assigned: () => ({ handle: async () => {} }) })).toThrow(
      /closed/,
    );
  });
});

describe('retention', () => {
  test('deletes what is older than its topic’s age, but never the newest record', async () => {
    const log = open({ retentionMs: { short: 10 * 60_000 } });
    for (const topic of ['short', 'kept']) {
      await log.appendBatch(
        topic,
        0,
        numbered('old', 1_200).map((text) => record(0, text)),
      );
    }
    await clock.advance(9 * 60_000);
    await log.append('short', record(0, 'new'));
    await log.append('short', record(1, 'only'));
    await clock.advance(2 * 60_000);
    expect((await log.read('short', 0, 0, 10)).map(textOf)).toEqual(['new']);
    expect(await log.read('kept', 0, 0, 2_000)).toHaveLength(1_200);
    await clock.advance(60 * 60_000);
    const again = await reopen();
    expect((await again.append('short', record(0, 'next'))).offset).toBe(1_201);
    expect((await again.append('short', record(1, 'next'))).offset).toBe(1);
  });
});
