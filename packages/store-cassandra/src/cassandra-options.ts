import type { Clock } from '@garam/runtime/clock';
import type { Logger } from '@garam/telemetry/logger';
import type { Meter } from '@opentelemetry/api';
import type { ConnectionOptions as TlsOptions } from 'node:tls';

/** How to reach a keyspace. */
export interface CassandraOptions {
  /** Some of the nodes, `host:port`; the others are learned from them. */
  contactPoints: readonly string[];
  /** Nodes elsewhere are not asked: a quorum here is enough for every read and write. */
  localDataCenter: string;
  keyspace: string;
  credentials?: { username: string; password: string };
  /** TLS to the nodes. */
  ssl?: TlsOptions;
  clock: Clock;
  logger: Logger;
  /** Until the cluster must have answered, also with the tables it needs. Default 30,000. */
  openDeadlineMs?: number;
  /** Until a connection is open. Default 2,000. */
  connectTimeoutMs?: number;
}

export interface MigrateOptions extends CassandraOptions {
  /** Copies of every row, in the local data centre or by data centre. Only for a keyspace that is to be made. Default 3. */
  replication?: number | Readonly<Record<string, number>>;
}

export interface CassandraStoreOptions extends MigrateOptions {
  meter?: Meter;
  /** Makes the keyspace and brings its tables up to date first. Otherwise waits until someone has done so. */
  migrate?: boolean;
  /** Until a read is given up. Default 2,000. */
  readDeadlineMs?: number;
  /** Until a write is given up, and 1 ms more per row; it may have been made nevertheless. Default 5,000. */
  writeDeadlineMs?: number;
  /** Statements on their way at the same time. Default 128 of either kind. */
  readsInFlightMax?: number;
  writesInFlightMax?: number;
  /** Statements that may wait for their turn: beyond it calls are refused at once. Default 10,000 of either kind. */
  waitingMax?: number;
}

export const OPEN_DEADLINE_MS = 30_000;
