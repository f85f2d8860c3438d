import { createManualClock } from '@garam/testkit/manual-clock';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSqlite } from './open-sqlite.ts';
import type { SqliteFile, Statements } from './sqlite-file.ts';

let folder: string;
let path: string;
const clock = createManualClock();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'garam-sqlite-'));
  path = join(folder, 'data', 'garam.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const TABLE = ['CREATE TABLE numbers (number INTEGER PRIMARY KEY, text TEXT)'];

function open(options: { queueMax?: number; writeDeadlineMs?: number } = {}): SqliteFile {
  const file = openSqlite(path, { clock, ...options });
  file.migrate('test', TABLE);
  return file;
}

function insert(number: number) {
  return (statements: Statements) => void statements.prepare('INSERT INTO numbers (number) VALUES (?)').run(number);
}

function numbers(file: SqliteFile): number[] {
  return file
    .read('SELECT number FROM numbers ORDER BY rowid')
    .all()
    .map((row) => Number(row['number']));
}

/** Another connection, as another process would have it, that holds the write lock. */
function holdFile(): DatabaseSync {
  const other = new DatabaseSync(path);
  other.exec('BEGIN IMMEDIATE');
  return other;
}

test('the writes of a turn are one commit, in the order of the calls', async () => {
  const file = open();
  const results = await Promise.all([1, 2, 3].map((number) => file.write((db) => (insert(number)(db), number))));
  expect(results).toEqual([1, 2, 3]);
  expect(numbers(file)).toEqual([1, 2, 3]);
  expect(file.stats()).toMatchObject({ commits: 1, rows: 3 });
  await file.close();
});

test('a resolved write is seen by another connection', async () => {
  const file = open();
  const other = new DatabaseSync(path);
  await file.write(insert(7));
  expect(other.prepare('SELECT number FROM numbers').all()).toMatchObject([{ number: 7 }]);
  other.close();
  await file.close();
});

test('a write that throws is undone alone and the others of its turn are kept', async () => {
  const file = open();
  const outcomes = await Promise.allSettled([
    file.write(insert(1)),
    file.write((db) => {
      insert(2)(db);
      throw new Error('changed my mind');
    }),
    file.write(insert(3)),
  ]);
  expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(outcomes[1]).toMatchObject({ reason: { message: 'changed my mind' } });
  expect(numbers(file)).toEqual([1, 3]);
  expect(file.stats()).toMatchObject({ commits: 1, rows: 2 });
  await file.close();
});

test('while another process holds the file writes wait in order, and are committed when it lets go', async () => {
  const file = open();
  const other = holdFile();
  const first = file.write(insert(1));
  await clock.advance(500);
  const second = file.write(insert(2));
  await clock.advance(500);
  expect(file.stats()).toMatchObject({ commits: 0, queued: 2 });
  expect(file.stats().busy).toBeGreaterThan(3);
  other.exec('ROLLBACK');
  await clock.advance(200);
  await Promise.all([first, second]);
  expect(numbers(file)).toEqual([1, 2]);
  other.close();
  await file.close();
});

test('more writes than one transaction takes keep their order, also when the file was held', async () => {
  const file = open();
  const other = holdFile();
  const all = Array.from({ length: 7_000 }, (_, number) => number);
  const written = Promise.all(all.map((number) => file.write(insert(number))));
  await clock.advance(500);
  other.exec('ROLLBACK');
  await clock.advance(200);
  await written;
  expect(numbers(file)).toEqual(all);
  expect(file.stats().commits).toBe(2);
  other.close();
  await file.close();
});

test('a write that waited for the file until its deadline is rejected as not written, later ones go on waiting', async () => {
  const file = open({ writeDeadlineMs: 1_000 });
  const other = holdFile();
  const early = file.write(insert(1)).catch((error: unknown) => error);
  await clock.advance(900);
  const later = file.write(insert(2));
  await clock.advance(300);
  expect(await early).toMatchObject({ name: 'SqliteError', reason: 'not_written' });
  other.exec('ROLLBACK');
  await clock.advance(200);
  await later;
  expect(numbers(file)).toEqual([2]);
  other.close();
  await file.close();
});

test('when the disk is full the writes of the turn are rejected as not written, and it goes on when there is room', async () => {
  const file = open();
  const pages = Number(file.read('PRAGMA page_count').get()?.['page_count']);
  file.read(`PRAGMA max_page_count = ${pages + 2}`).get();
  const fill = (db: Statements) => void db.prepare('INSERT INTO numbers (text) VALUES (?)').run('x'.repeat(100_000));
  const outcomes = await Promise.allSettled([file.write(insert(1)), file.write(fill)]);
  expect(outcomes).toMatchObject([{ reason: { reason: 'not_written' } }, { reason: { reason: 'not_written' } }]);
  expect(numbers(file)).toEqual([]);
  file.read('PRAGMA max_page_count = 100000').get();
  await file.write(fill);
  expect(numbers(file)).toHaveLength(1);
  await file.close();
});

test('a commit that a deferred constraint refuses writes nothing and rejects as not written', async () => {
  const file = open();
  file.migrate('links', [
    'CREATE TABLE links (number INTEGER REFERENCES numbers (number) DEFERRABLE INITIALLY DEFERRED)',
  ]);
  const dangling = file.write((db) => void db.prepare('INSERT INTO links VALUES (99)').run());
  await expect(dangling).rejects.toMatchObject({ reason: 'not_written' });
  await file.write(insert(1));
  expect(numbers(file)).toEqual([1]);
  await file.close();
});

test('the queue of writes is bounded', async () => {
  const file = open({ queueMax: 2 });
  const outcomes = await Promise.allSettled([1, 2, 3].map((number) => file.write(insert(number))));
  expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  await file.close();
});

test('close commits what is queued and refuses what comes later', async () => {
  const file = open();
  const queued = file.write(insert(1));
  const closed = file.close();
  await expect(file.write(insert(2))).rejects.toMatchObject({ reason: 'closed' });
  await Promise.all([queued, closed]);
  const again = open();
  expect(numbers(again)).toEqual([1]);
  await again.close();
});

test('a path is opened once per process and closed with the last reference', async () => {
  const first = open();
  const second = open();
  await first.write(insert(1));
  expect(second.stats().commits).toBe(1);
  await first.close();
  await first.close();
  await second.write(insert(2));
  expect(numbers(second)).toEqual([1, 2]);
  await second.close();
  await expect(second.write(insert(3))).rejects.toMatchObject({ reason: 'closed' });
});

test('each :memory: database is its own', async () => {
  const files = [openSqlite(':memory:', { clock }), openSqlite(':memory:', { clock })];
  for (const file of files) file.migrate('test', TABLE);
  await files[0]!.write(insert(1));
  expect(files.map(numbers)).toEqual([[1], []]);
  expect(files[0]!.durability).toBe('memory');
  for (const file of files) await file.close();
});

test('durability is that of the level the file really has, and one file cannot have two', async () => {
  const full = open();
  expect(full.durability).toBe('power_loss');
  expect(full.read('PRAGMA synchronous').get()).toMatchObject({ synchronous: 2 });
  expect(() => openSqlite(path, { clock, synchronous: 'NORMAL' })).toThrow(/synchronous FULL/);
  await full.close();
  const normal = openSqlite(path, { clock, synchronous: 'NORMAL' });
  expect(normal.durability).toBe('process_crash');
  await normal.close();
});

test('each migration of a scope runs once, a file of a newer version is refused, a failing one leaves nothing', async () => {
  const file = open();
  file.migrate('test', [...TABLE, 'CREATE TABLE more (number INTEGER)']);
  file.migrate('test', [...TABLE, 'CREATE TABLE more (number INTEGER)']);
  expect(() => file.migrate('test', TABLE)).toThrow(/migration 2/);
  expect(() => file.migrate('other', ['CREATE TABLE third (number INTEGER)', 'nonsense'])).toThrow(/syntax/);
  expect(file.read("SELECT name FROM sqlite_master WHERE name IN ('more', 'third')").all()).toMatchObject([
    { name: 'more' },
  ]);
  await file.close();
});

test('a role can be claimed once at a time', async () => {
  const file = open();
  const release = file.claim('eventlog');
  expect(() => file.claim('eventlog')).toThrow(/already/);
  release();
  file.claim('eventlog')();
  await file.close();
});

test('listeners hear of each commit before its writes resolve', async () => {
  const file = open();
  const heard: string[] = [];
  const cancel = file.onCommit(() => heard.push('commit'));
  await file.write(insert(1)).then(() => heard.push('resolved'));
  cancel();
  await file.write(insert(2));
  expect(heard).toEqual(['commit', 'resolved']);
  await file.close();
});

test('a busy file moves its write-ahead log aside while it goes on, and loses nothing', async () => {
  const file = open();
  const log = (mode: string) => file.read(`PRAGMA wal_checkpoint(${mode})`).get() as { log: number };
  const text = 'x'.repeat(3_000);
  let number = 0;
  let highest = 0;
  let isAnew = false;
  for (let commit = 0; commit < 20_000 && !isAnew; commit++) {
    const write = file.write((db) => {
      const insertion = db.prepare('INSERT INTO numbers (number, text) VALUES (?, ?)');
      for (let row = 0; row < 20; row++) insertion.run(++number, text);
    });
    await clock.advance(5);
    await write;
    const { log: frames } = log('NOOP');
    isAnew = frames < highest;
    highest = Math.max(highest, frames);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(isAnew).toBe(true);
  expect(highest).toBeLessThan(32_000);
  await file.close();
  const other = new DatabaseSync(path);
  expect(other.prepare('SELECT count(*) AS rows FROM numbers').get()).toMatchObject({ rows: number });
  other.close();
});
