import type { Client, types } from 'cassandra-driver';
import type { Calls, Send } from './calls.ts';
import { inLanes } from './in-lanes.ts';
import { batchesOf, type Put } from './put.ts';
import type { StoreMetrics } from './store-metrics.ts';

export type Row = types.Row;

/** All rows of a query, page by page. Names one partition. */
export type Query = (cql: string, params: readonly unknown[]) => Promise<Row[]>;

/** The keyspace as the store uses it: bounded, with deadlines, and only StoreErrors come out. */
export interface Access {
  /** Resolves when every put is durable. */
  write(puts: readonly Put[]): Promise<void>;
  /** One deadline for all queries of the work. */
  read<T>(work: (query: Query) => Promise<T>): Promise<T>;
}

export interface AccessDeps {
  client: Client;
  metrics: StoreMetrics;
  reads: Calls;
  writes: Calls;
  /** Until a node is given up and the next one is asked, ms. */
  readAttemptMs: number;
  writeAttemptMs: number;
  /** How many partitions a batch may span at present. */
  partitionsPerBatch(): number;
}

/** Of one call at a time: a big one leaves room for others. */
const LANES = 128;
/** Added to the deadline per row: what is tried again as a whole must not be too big ever to be done in time. */
const MORE_MS = 1;
const PAGE_ROWS = 1_000;

const READ = { kind: 'read' };
const WRITE = { kind: 'write' };

export function accessTo(deps: AccessDeps): Access {
  const { client, metrics, reads, writes, readAttemptMs, writeAttemptMs, partitionsPerBatch } = deps;
  const writeOptions = { prepare: true, logged: false, readTimeout: writeAttemptMs };

  const sendBatch = async (batch: Put[]) => {
    metrics.statements.add(1, WRITE);
    metrics.rows.add(batch.length, WRITE);
    const [first] = batch;
    if (batch.length === 1) await client.execute(first!.cql, first!.params, writeOptions);
    else
      await client.batch(
        batch.map(({ cql, params }) => ({ query: cql, params })),
        writeOptions,
      );
  };

  const queryBy =
    (send: Send): Query =>
    async (cql, params) => {
      const rows: Row[] = [];
      for (let pageState: string | undefined; ;) {
        const options = { readTimeout: readAttemptMs, fetchSize: PAGE_ROWS, ...(pageState ? { pageState } : {}) };
        metrics.statements.add(1, READ);
        const page = await send(() => client.execute(cql, [...params], options));
        metrics.rows.add(page.rows.length, READ);
        rows.push(...page.rows);
        if (!page.pageState) return rows;
        pageState = page.pageState;
      }
    };

  return {
    async write(puts) {
      if (puts.length === 0) return;
      await writes.run(
        (send) => inLanes(batchesOf(puts, partitionsPerBatch()), LANES, (batch) => send(() => sendBatch(batch))),
        puts.length * MORE_MS,
      );
    },
    read: (work) => reads.run((send) => work(queryBy(send))),
  };
}
