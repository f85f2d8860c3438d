import type { DatabaseSync } from 'node:sqlite';
import { SqliteError } from './sqlite-error.ts';

/**
 * Runs the migrations of `scope` that the file has not seen, in one transaction, and records their numbers. Safe when
 * several processes start at once: the number is read under the write lock.
 * @throws SqliteError `not_written` when the file has more migrations than this version knows
 */
export function migrate(db: DatabaseSync, scope: string, migrations: readonly string[]): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    db.exec(`CREATE TABLE IF NOT EXISTS migrations (
      scope TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (scope, number)) WITHOUT ROWID`);
    const row = db.prepare('SELECT coalesce(max(number), 0) AS number FROM migrations WHERE scope = ?').get(scope);
    const done = Number(row?.['number']);
    if (done > migrations.length) {
      const message = `the file has migration ${done} of ${scope}, this version knows ${migrations.length}`;
      throw new SqliteError('not_written', message);
    }
    for (const [index, sql] of migrations.entries()) {
      if (index < done) continue;
      db.exec(sql);
      db.prepare('INSERT INTO migrations (scope, number) VALUES (?, ?)').run(scope, index + 1);
    }
    db.exec('COMMIT');
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}
