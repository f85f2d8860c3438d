import { StoreError } from '@garam/store/store';
import { randomUUID } from 'node:crypto';
import { afterEach, expect, inject, test } from 'vitest';
import { openClient } from './client/open-client.ts';
import { createCassandraStore } from './create-cassandra-store.ts';
import { migrateKeyspace } from './migrate-keyspace.ts';
import { MIGRATIONS } from './schema/migrations.ts';
import { openSchemaLock } from './schema/schema-lock.ts';
import { optionsFor } from './testing/open-test-store.ts';

const EACH_MS = 120_000;
let keyspaces: string[] = [];

function newKeyspace() {
  const keyspace = `k${randomUUID().replaceAll('-', '')}`;
  keyspaces.push(keyspace);
  return { ...optionsFor(inject('stack').store!), keyspace, migrate: false };
}

afterEach(async () => {
  const client = await openClient(optionsFor(inject('stack').store!), undefined);
  for (const keyspace of keyspaces)
    await client.execute(`DROP KEYSPACE IF EXISTS ${keyspace}`, [], { prepare: false, readTimeout: 60_000 });
  keyspaces = [];
  await client.shutdown();
}, EACH_MS);

test(
  'five at once migrate a new keyspace once, and a store that does not migrate waits for them',
  async () => {
    const options = newKeyspace();
    const waiting = createCassandraStore(options);
    await Promise.all(Array.from({ length: 5 }, () => migrateKeyspace(options)));
    const store = await waiting;
    await store.users.putProfile({ user: 'u', name: 'N', at: 1 });
    expect(await store.users.profiles(['u'])).toHaveLength(1);
    await store.close();
    const client = await openClient(options, options.keyspace);
    const { rows } = await client.execute('SELECT version FROM schema_versions WHERE name = ?', ['store']);
    expect(rows.map((row) => row['version'])).toEqual(MIGRATIONS.map((_, index) => index + 1));
    expect((await client.execute('SELECT holder FROM schema_locks')).rows).toEqual([]);
    await client.shutdown();
    await migrateKeyspace(options);
  },
  EACH_MS,
);

test(
  'a migration that broke off half-way is taken up by the next one, once its lock is free',
  async () => {
    const options = newKeyspace();
    await migrateKeyspace(options);
    const client = await openClient(options, options.keyspace);
    await client.execute('DROP TABLE messages', [], { prepare: false, readTimeout: 60_000 });
    await client.execute('TRUNCATE schema_versions', [], { prepare: false, readTimeout: 60_000 });
    const dead = await openSchemaLock(client, options.keyspace);
    expect(await dead.take()).toBe(true);
    let hasMigrated = false;
    const next = migrateKeyspace(options).then(() => (hasMigrated = true));
    const other = await openSchemaLock(client, options.keyspace);
    for (let tries = 0; tries < 3; tries++) expect(await other.take()).toBe(false);
    expect(hasMigrated).toBe(false);
    await dead.release();
    await next;
    expect((await client.execute('SELECT * FROM messages LIMIT 1')).rows).toEqual([]);
    await client.shutdown();
  },
  EACH_MS,
);

test('a keyspace that nobody makes is waited for until the deadline', async () => {
  const options = { ...newKeyspace(), openDeadlineMs: 500 };
  await expect(createCassandraStore(options)).rejects.toThrow(StoreError);
});

test('a name that is none is refused', async () => {
  const options = { ...newKeyspace(), keyspace: 'a; DROP KEYSPACE garam' };
  await expect(migrateKeyspace(options)).rejects.toThrow(StoreError);
});

test('a cluster that does not answer is waited for until the deadline', async () => {
  const options = { ...newKeyspace(), contactPoints: ['127.0.0.1:1'], openDeadlineMs: 500 };
  for (const migrate of [false, true])
    await expect(createCassandraStore({ ...options, migrate })).rejects.toThrow(StoreError);
});
