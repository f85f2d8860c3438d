import { StoreError } from '@garam/store/store';
import type { Client } from 'cassandra-driver';
import { OPEN_DEADLINE_MS, type MigrateOptions } from './cassandra-options.ts';
import { openClient } from './client/open-client.ts';
import { MIGRATIONS } from './schema/migrations.ts';
import { openSchemaLock, type SchemaLock } from './schema/schema-lock.ts';
import { recordSchemaVersion, SCHEMA_VERSIONS_TABLE, schemaVersion } from './schema/schema-version.ts';

const LOCK_POLL_MS = 200;
const RETRY_MS = 500;
/** On top of the deadline for opening: another process may be at it. */
const MIGRATE_DEADLINE_MS = 120_000;

/**
 * Makes the keyspace if there is none and brings its tables up to date. May be run at any time, from any number of
 * processes at once: one does it, the others wait for it. A keyspace that exists keeps its replication.
 * @throws StoreError
 */
export async function migrateKeyspace(options: MigrateOptions): Promise<void> {
  const { clock, logger } = options;
  const dueMs = clock.monotonic() + (options.openDeadlineMs ?? OPEN_DEADLINE_MS);
  const keyspace = keyspaceDdl(options);
  for (;;) {
    try {
      await usingClient(options, undefined, (client) => runDdl(client, keyspace));
      await usingClient(options, options.keyspace, (client) => migrateTables(client, options));
      return;
    } catch (error) {
      if (clock.monotonic() > dueMs) throw migrationError(error);
      logger.warn({ err: error }, 'the keyspace could not be brought up to date yet');
      await clock.sleep(RETRY_MS);
    }
  }
}

function migrationError(cause: unknown): StoreError {
  if (cause instanceof StoreError) return cause;
  return new StoreError(`the keyspace could not be brought up to date: ${String(cause)}`, { cause });
}

async function usingClient(
  options: MigrateOptions,
  keyspace: string | undefined,
  work: (client: Client) => Promise<void>,
): Promise<void> {
  const client = await openClient(options, keyspace);
  try {
    await work(client);
  } finally {
    await client.shutdown();
  }
}

async function migrateTables(client: Client, { clock, logger, keyspace, openDeadlineMs }: MigrateOptions) {
  if ((await schemaVersion(client)) >= MIGRATIONS.length) return;
  const dueMs = clock.monotonic() + (openDeadlineMs ?? OPEN_DEADLINE_MS) + MIGRATE_DEADLINE_MS;
  const lock = await openSchemaLock(client, keyspace);
  while (!(await lock.take())) {
    if (clock.monotonic() > dueMs) throw new Error('another process has kept the lock of the schema for too long');
    await clock.sleep(LOCK_POLL_MS + LOCK_POLL_MS * clock.random());
    if ((await schemaVersion(client)) >= MIGRATIONS.length) return;
  }
  try {
    await applyMigrations(client, lock, (version) => {
      logger.info({ keyspace, version }, 'the keyspace was migrated');
      return recordSchemaVersion(client, version, clock.now());
    });
  } finally {
    await lock.release().catch((err: unknown) => logger.warn({ err }, 'the lock of the schema ends with its lease'));
  }
}

async function applyMigrations(
  client: Client,
  lock: SchemaLock,
  onApplied: (version: number) => Promise<void>,
): Promise<void> {
  await runDdl(client, SCHEMA_VERSIONS_TABLE);
  const from = await schemaVersion(client);
  for (const [index, statements] of MIGRATIONS.slice(from).entries()) {
    for (const statement of statements) {
      await lock.renew();
      await runDdl(client, statement);
    }
    await onApplied(from + index + 1);
  }
}

/** Returns once all nodes know the schema. */
async function runDdl(client: Client, cql: string): Promise<void> {
  const result = await client.execute(cql, [], { prepare: false, readTimeout: 30_000 });
  // The driver's types do not have it.
  const { isSchemaInAgreement } = result.info as { isSchemaInAgreement?: boolean };
  if (isSchemaInAgreement === false) throw new Error('the nodes do not agree on the schema');
}

function keyspaceDdl({ keyspace, localDataCenter, replication = 3 }: MigrateOptions): string {
  if (!/^[a-z]\w{0,47}$/.test(keyspace)) throw new StoreError(`"${keyspace}" is not a name of a keyspace`);
  const byDataCenter = typeof replication === 'number' ? { [localDataCenter]: replication } : replication;
  const copies = Object.entries(byDataCenter).map(([name, count]) => `, '${name.replaceAll("'", "''")}': ${count}`);
  return `CREATE KEYSPACE IF NOT EXISTS ${keyspace}
    WITH replication = {'class': 'NetworkTopologyStrategy'${copies.join('')}}`;
}
