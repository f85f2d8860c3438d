import type { Clock } from '@garam/runtime/clock';
import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { Checkpointer } from './checkpointer.ts';
import { GroupCommit } from './group-commit.ts';
import { migrate } from './migrate.ts';
import type { SqliteDurability, SqliteFile } from './sqlite-file.ts';
import { SqliteError } from './sqlite-error.ts';

export interface SqliteOptions {
  clock: Clock;
  /** FULL (default): a resolved write survives loss of power. NORMAL: only the end of the process. */
  synchronous?: 'FULL' | 'NORMAL';
  /** Writes that may wait at most; more are rejected. Default 100,000. */
  queueMax?: number;
  /** How long a write waits for a file that another process holds. Default 5,000. */
  writeDeadlineMs?: number;
}

const MEMORY = ':memory:';
/** At start-up waiting blocks, later it must not: the writes are queued and tried again by the clock. */
const START_BUSY_TIMEOUT_MS = 5_000;
const BUSY_TIMEOUT_MS = 2;
/**
 * Pages of 4 KiB in the write-ahead log from which they are moved into the file. A busy chat writes the same pages in
 * commit after commit: at SQLite's own 1,000 they were moved again and again (measured: a quarter more CPU a message).
 */
const CHECKPOINT_PAGES = 4_000;
/** From here on a commit moves them itself, so that the write-ahead log stays bounded whatever becomes of the worker. */
const CHECKPOINT_PAGES_MAX = 32_000;

interface OpenFile {
  file: SqliteFile;
  synchronous: 'FULL' | 'NORMAL';
  references: number;
}

/** The process has one connection per file, as it has one write lock per file: a second could only wait for the first. */
const openFiles = new Map<string, OpenFile>();

/**
 * Opens or shares the database at `path`; `:memory:` is a new one each time. Creates missing folders.
 * @throws when the file cannot be opened or its durability is not the one asked for
 */
export function openSqlite(path: string, options: SqliteOptions): SqliteFile {
  if (path === MEMORY) return openDatabase(MEMORY, options, () => {});
  const key = resolve(path);
  const synchronous = options.synchronous ?? 'FULL';
  let open = openFiles.get(key);
  if (open === undefined) {
    open = { file: openDatabase(key, options, () => openFiles.delete(key)), synchronous, references: 0 };
    openFiles.set(key, open);
  } else if (open.synchronous !== synchronous) {
    throw new SqliteError('not_written', `${path} is open with synchronous ${open.synchronous}`);
  }
  return shareFile(open);
}

function shareFile(open: OpenFile): SqliteFile {
  open.references++;
  let isOpen = true;
  const close = async () => {
    if (!isOpen) return;
    isOpen = false;
    if (--open.references === 0) await open.file.close();
  };
  return { ...open.file, close };
}

function openDatabase(path: string, options: SqliteOptions, closing: () => void): SqliteFile {
  if (path !== MEMORY) mkdirSync(dirname(path), { recursive: true });
  const { db, durability } = connect(path, options.synchronous ?? 'FULL');
  const cache = new Map<string, StatementSync>();
  const prepare = (sql: string) => {
    let statement = cache.get(sql);
    if (statement === undefined) cache.set(sql, (statement = db.prepare(sql)));
    return statement;
  };
  const finish = () => void prepare('PRAGMA wal_checkpoint(PASSIVE)').get();
  const checkpointer = path === MEMORY ? undefined : new Checkpointer({ path, pages: CHECKPOINT_PAGES, finish });
  const listeners = new Set<() => void>();
  const claims = new Set<string>();
  const commits = new GroupCommit(
    db,
    { prepare },
    {
      clock: options.clock,
      queueMax: options.queueMax ?? 100_000,
      writeDeadlineMs: options.writeDeadlineMs ?? 5_000,
      committed: () => {
        checkpointer?.committed();
        for (const listener of listeners) listener();
      },
    },
  );
  let ended: Promise<void> | undefined;
  return {
    path,
    durability,
    write: (task) => commits.write(task),
    read: prepare,
    migrate(scope, migrations) {
      db.exec(`PRAGMA busy_timeout = ${START_BUSY_TIMEOUT_MS}`);
      try {
        migrate(db, scope, migrations);
      } finally {
        db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
      }
    },
    onCommit(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    claim(role) {
      if (claims.has(role)) throw new SqliteError('not_written', `${path} already has its ${role} in this process`);
      claims.add(role);
      return () => claims.delete(role);
    },
    stats: () => commits.stats(),
    close() {
      if (ended === undefined) {
        closing();
        ended = commits.close().then(async () => {
          await checkpointer?.close();
          cache.clear();
          db.close();
        });
      }
      return ended;
    },
  };
}

function connect(path: string, synchronous: 'FULL' | 'NORMAL'): { db: DatabaseSync; durability: SqliteDurability } {
  const db = new DatabaseSync(path);
  try {
    return { db, durability: configure(db, path, synchronous) };
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Sets the journal and the fsyncs, reads both back: what is promised is what the file really does. */
function configure(db: DatabaseSync, path: string, synchronous: 'FULL' | 'NORMAL'): SqliteDurability {
  db.exec(`PRAGMA busy_timeout = ${START_BUSY_TIMEOUT_MS}`);
  const journal = db.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode'];
  db.exec(`PRAGMA synchronous = ${synchronous}`);
  db.exec('PRAGMA foreign_keys = ON');
  db.exec('PRAGMA cache_size = -32768');
  db.exec('PRAGMA temp_store = MEMORY');
  db.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES_MAX}`);
  db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
  if (path === MEMORY) return 'memory';
  const level = db.prepare('PRAGMA synchronous').get()?.['synchronous'];
  if (journal !== 'wal' || level !== (synchronous === 'FULL' ? 2 : 1)) {
    throw new SqliteError(
      'not_written',
      `${path}: journal ${String(journal)}, synchronous ${String(level)} is not as asked`,
    );
  }
  return synchronous === 'FULL' ? 'power_loss' : 'process_crash';
}
