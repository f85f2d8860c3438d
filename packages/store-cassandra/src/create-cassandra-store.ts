import type { Store } from '@garam/store/store';
import { createNoopMeter } from '@opentelemetry/api';
import type { CassandraStoreOptions } from './cassandra-options.ts';
import { accessTo } from './client/access.ts';
import { createCalls, type Calls } from './client/calls.ts';
import { openClient } from './client/open-client.ts';
import { partitionsPerBatch } from './client/shared-partitions.ts';
import { createStoreMetrics, type StoreMetrics } from './client/store-metrics.ts';
import { migrateKeyspace } from './migrate-keyspace.ts';
import { logNameRows } from './rows/log-name-rows.ts';
import { sequencerRows } from './rows/sequencer-rows.ts';
import { userRows } from './rows/user-rows.ts';
import { viewRowsRead } from './rows/view-rows-read.ts';
import { viewRowsWritten } from './rows/view-rows-written.ts';
import { MIGRATIONS } from './schema/migrations.ts';
import { schemaVersion } from './schema/schema-version.ts';

const READ_DEADLINE_MS = 2_000;
const WRITE_DEADLINE_MS = 5_000;
const IN_FLIGHT_MAX = 128;
const WAITING_MAX = 10_000;

/**
 * The store in a keyspace of Cassandra 5. Opens when the cluster answers and has the tables this version needs.
 * @throws StoreError when that is not so by `openDeadlineMs`
 */
export async function createCassandraStore(options: CassandraStoreOptions): Promise<Store> {
  const { meter = createNoopMeter(), readDeadlineMs = READ_DEADLINE_MS, writeDeadlineMs = WRITE_DEADLINE_MS } = options;
  if (options.migrate) await migrateKeyspace(options);
  const isUpToDate = async (client: Parameters<typeof schemaVersion>[0]) =>
    (await schemaVersion(client)) >= MIGRATIONS.length;
  const client = await openClient(options, options.keyspace, isUpToDate);
  const metrics = createStoreMetrics(meter);
  const reads = callsOf(
    'read',
    { ...options, deadlineMs: readDeadlineMs, inFlightMax: options.readsInFlightMax },
    metrics,
  );
  const writes = callsOf(
    'write',
    { ...options, deadlineMs: writeDeadlineMs, inFlightMax: options.writesInFlightMax },
    metrics,
  );
  const access = accessTo({
    client,
    metrics,
    reads,
    writes,
    // Half of the deadline, so that there is time for another node.
    readAttemptMs: Math.ceil(readDeadlineMs / 2),
    writeAttemptMs: Math.ceil(writeDeadlineMs / 2),
    partitionsPerBatch: () => partitionsPerBatch(client, options),
  });
  return {
    sequencer: sequencerRows(access),
    writes: viewRowsWritten(access),
    reads: viewRowsRead(access),
    users: userRows(access),
    logNames: logNameRows(access),
    async close() {
      reads.close();
      writes.close();
      await client.shutdown();
    },
  };
}

type Limits = Pick<CassandraStoreOptions, 'clock' | 'logger' | 'waitingMax'> & {
  deadlineMs: number;
  inFlightMax: number | undefined;
};

function callsOf(kind: 'read' | 'write', limits: Limits, metrics: StoreMetrics): Calls {
  const { clock, logger, deadlineMs, inFlightMax = IN_FLIGHT_MAX, waitingMax = WAITING_MAX } = limits;
  return createCalls({
    clock,
    deadlineMs,
    inFlightMax,
    waitingMax,
    onFailure: () => metrics.failures.add(1, { kind }),
    onBreaker: (state) => {
      if (state !== 'half-open') logger.warn({ kind, state }, 'the circuit breaker of Cassandra');
    },
  });
}
