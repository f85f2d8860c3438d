import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { AdapterDeps } from '@garam/adapters/adapter-deps';
import { openAdapters, type Adapters } from '@garam/adapters/open-adapters';
import { parseAdapterUrls } from '@garam/adapters/parse-adapter-urls';
import { exportRows } from '@garam/store-sqlite/export-rows';
import { releaseFolder, reserveFolder } from './folder-note.ts';
import { MigrationRefused, type Source } from './migration.ts';

export interface OpenSource {
  source: Source;
  adapters: Adapters;
  close(): Promise<void>;
}

const OPEN_MS = 30_000;
const BUSY_MS = 500;

/**
 * Opens an embedded data folder that no process uses, and sees to it that none begins to.
 * @throws MigrationRefused
 */
export async function openSource(folder: string, deps: AdapterDeps): Promise<OpenSource> {
  const path = resolve(join(folder, 'garam.db'));
  if (!existsSync(path)) throw new MigrationRefused(`${folder} is no data folder: there is no garam.db in it`);
  const database = `sqlite:${path}`;
  const options = { clientName: 'garam-migrate', openDeadlineMs: OPEN_MS, provision: false };
  // A server that starts reads the note before it opens the database: from here on none comes that the probe misses.
  reserveFolder(folder);
  try {
    refuseWhileOpen(path);
    const adapters = await openAdapters(
      parseAdapterUrls({ log: database, store: database, bus: 'memory:' }),
      deps,
      options,
    );
    const { log, store, files } = adapters;
    return {
      source: { folder, log, store, rows: exportRows(files[0]!) },
      adapters,
      async close() {
        await adapters.close();
        releaseFolder(folder);
      },
    };
  } catch (error) {
    releaseFolder(folder);
    throw error;
  }
}

/**
 * Every process that has the database open holds a shared lock on it as long as it lives, also while it does nothing; the
 * exclusive one can be had only when there is none.
 */
function refuseWhileOpen(path: string): void {
  const probe = new DatabaseSync(path);
  try {
    probe.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
    probe.exec('PRAGMA locking_mode = EXCLUSIVE');
    probe.exec('BEGIN IMMEDIATE; COMMIT');
  } catch (error) {
    throw new MigrationRefused(`${path} is in use: stop Garam (or the other migration) first (${String(error)})`);
  } finally {
    probe.close();
  }
}
