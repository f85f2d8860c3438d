import type { SqliteFile } from '@garam/sqlite/sqlite-file';
import type { Store } from '@garam/store/store';
import { accessTo } from './access.ts';
import { logNameRows } from './log-name-rows.ts';
import { MIGRATIONS } from './migrations.ts';
import { sequencerRows } from './sequencer-rows.ts';
import { userRows } from './user-rows.ts';
import { viewRowsRead } from './view-rows-read.ts';
import { viewRowsWritten } from './view-rows-written.ts';

/**
 * The store in a SQLite file, beside whatever else lives there. Writes of one turn of the event loop share a
 * transaction; they are durable in the file's class when their promises resolve. Brings the tables up to date first.
 * `close` ends this reference to the file.
 */
export function createSqliteStore(file: SqliteFile): Store {
  file.migrate('store', MIGRATIONS);
  const access = accessTo(file);
  return {
    sequencer: sequencerRows(access),
    writes: viewRowsWritten(access),
    reads: viewRowsRead(access),
    users: userRows(access),
    logNames: logNameRows(access),
    close: () => file.close(),
  };
}
