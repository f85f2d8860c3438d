import { createHash, randomUUID } from 'node:crypto';
import type { Client } from 'cassandra-driver';

/** Of a holder that died: the lock is free again after that. Renewed before every statement. */
const LEASE_S = 60;
const NAME = 'migrate';

const TAKE = `INSERT INTO schema_locks (name, holder) VALUES (?, ?) IF NOT EXISTS USING TTL ${LEASE_S}`;
const RENEW = `UPDATE schema_locks USING TTL ${LEASE_S} SET holder = ? WHERE name = ? IF holder = ?`;
const RELEASE = 'DELETE FROM schema_locks WHERE name = ? IF holder = ?';

/** Held by one process at a time, whatever data centre it is in. */
export interface SchemaLock {
  /** false: somebody else has it. */
  take(): Promise<boolean>;
  /** @throws Error when it was lost */
  renew(): Promise<void>;
  release(): Promise<void>;
}

/** The lock of the keyspace the client uses. Makes the table for it, which may be made at once from several places. */
export async function openSchemaLock(client: Client, keyspace: string): Promise<SchemaLock> {
  const holder = randomUUID();
  const applied = async (cql: string, params: unknown[]) =>
    (await client.execute(cql, params, { isIdempotent: false })).wasApplied();
  // Two nodes that make a table at the same time give it two ids and lose one of them. Here they give it the same.
  const table = `CREATE TABLE IF NOT EXISTS schema_locks (name text PRIMARY KEY, holder text)
    WITH id = ${uuidOf(`${keyspace}.schema_locks`)}`;
  await client.execute(table, [], { prepare: false });
  return {
    take: () => applied(TAKE, [NAME, holder]),
    async renew() {
      if (!(await applied(RENEW, [holder, NAME, holder]))) throw new Error('the lock of the schema was lost');
    },
    async release() {
      await applied(RELEASE, [NAME, holder]);
    },
  };
}

/** Always the same for the same name. */
function uuidOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}
