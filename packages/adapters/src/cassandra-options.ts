import type { MigrateOptions } from '@garam/store-cassandra/cassandra-options';
import type { CassandraPlace } from './parse-adapter-urls.ts';

/** How to reach the keyspace an address names. */
export function cassandraOptions(place: CassandraPlace): Omit<MigrateOptions, 'clock' | 'logger'> {
  const { contactPoints, credentials, keyspace, dataCenter, replication, tls } = place;
  return {
    contactPoints,
    localDataCenter: dataCenter,
    keyspace,
    replication,
    ...(tls ? { ssl: {} } : {}),
    ...(credentials === undefined ? {} : { credentials }),
  };
}
