import type { Store } from '@garam/store/store';
import type { AdapterDeps, AdapterOptions, Opened } from './adapter-deps.ts';
import { cassandraOptions } from './cassandra-options.ts';
import type { CassandraPlace, Places, SqlitePlace } from './parse-adapter-urls.ts';

/**
 * Opens the store, waiting for its servers until the deadline.
 * @throws StoreError
 */
export function openStore(place: Places['store'], deps: AdapterDeps, options: AdapterOptions): Promise<Opened<Store>> {
  return place.kind === 'cassandra' ? openCassandra(place, deps, options) : openFile(place, deps);
}

async function openFile({ path }: SqlitePlace, { clock }: AdapterDeps): Promise<Opened<Store>> {
  const [{ openSqlite }, { createSqliteStore }] = await Promise.all([
    import('@garam/sqlite/open-sqlite'),
    import('@garam/store-sqlite/sqlite-store'),
  ]);
  const file = openSqlite(path, { clock });
  const port = createSqliteStore(file);
  return { port, file, close: () => port.close() };
}

async function openCassandra(
  place: CassandraPlace,
  deps: AdapterDeps,
  { openDeadlineMs, provision }: AdapterOptions,
): Promise<Opened<Store>> {
  const { createCassandraStore } = await import('@garam/store-cassandra/create-cassandra-store');
  const port = await createCassandraStore({ ...cassandraOptions(place), ...deps, openDeadlineMs, migrate: provision });
  return { port, close: () => port.close() };
}
