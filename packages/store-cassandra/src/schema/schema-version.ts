import { errors, type Client } from 'cassandra-driver';

const NAME = 'store';

/** Migrations that were applied to the keyspace the client uses; 0: none, or there is no such table yet. */
export async function schemaVersion(client: Client): Promise<number> {
  try {
    const cql = 'SELECT version FROM schema_versions WHERE name = ? ORDER BY version DESC LIMIT 1';
    const { rows } = await client.execute(cql, [NAME], { prepare: false });
    return (rows[0]?.['version'] ?? 0) as number;
  } catch (error) {
    if (error instanceof errors.ResponseError && /does not exist|unconfigured table/.test(error.message)) return 0;
    throw error;
  }
}

export async function recordSchemaVersion(client: Client, version: number, appliedAt: number): Promise<void> {
  const cql = 'INSERT INTO schema_versions (name, version, applied_at) VALUES (?, ?, ?)';
  await client.execute(cql, [NAME, version, new Date(appliedAt)]);
}

export const SCHEMA_VERSIONS_TABLE = `CREATE TABLE IF NOT EXISTS schema_versions (
  name text, version int, applied_at timestamp, PRIMARY KEY ((name), version)
)`;
