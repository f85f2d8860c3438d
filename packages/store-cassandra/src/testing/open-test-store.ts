import { systemClock } from '@garam/runtime/system-clock';
import type { Store } from '@garam/store/store';
import { quietLogger } from '@garam/telemetry/logger';
import { inject } from 'vitest';
import type { CassandraStoreOptions } from '../cassandra-options.ts';
import { createCassandraStore } from '../create-cassandra-store.ts';

/** Options for the node at an address of the stack, `cassandra://host:port/keyspace`. */
export function optionsFor(address: string): CassandraStoreOptions {
  const { host } = new URL(address);
  return {
    contactPoints: [host],
    localDataCenter: 'datacenter1',
    keyspace: 'garam',
    replication: 1,
    migrate: true,
    clock: systemClock,
    logger: quietLogger,
    openDeadlineMs: 60_000,
  };
}

/** A store in the node all tests share. */
export function openTestStore(options: Partial<CassandraStoreOptions>): Promise<Store> {
  return createCassandraStore({ ...optionsFor(inject('stack').store!), ...options });
}
