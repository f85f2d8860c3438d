import type { Bus } from '@garam/bus/bus';
import { GROUPS, TOPICS } from '@garam/contracts/topics';
import type { EventLog } from '@garam/eventlog/event-log';
import type { Backoff } from '@garam/runtime/backoff';
import type { Clock } from '@garam/runtime/clock';
import { createConsumerService } from '@garam/service/consumer-service';
import type { Service } from '@garam/service/service';
import type { Store } from '@garam/store/store';
import type { Logger } from '@garam/telemetry/logger';
import type { Meter } from '@opentelemetry/api';
import { foldPartition } from './fold-partition.ts';
import { createReceiptsMetrics } from './metrics.ts';

export interface ReceiptsDeps {
  log: EventLog;
  store: Store;
  bus: Bus;
  clock: Clock;
  logger: Logger;
  meter: Meter;
}

export interface ReceiptsOptions {
  /** Marks of a chat are merged over this time, ms. */
  windowMs: number;
  /** (chat, user) pairs a partition folds before it takes no more records. */
  pendingMarksMax: number;
  /** (chat, user) pairs kept for publication while the bus is away. */
  unpublishedMarksMax: number;
  backoff: Backoff;
  commitIntervalMs: number;
  startTimeoutMs: number;
  /** A partition that stands still for so long, unexplained, ends the process. */
  stallExitMs?: number;
}

/** Folds how far people have got into watermarks, keeps them and tells whoever looks. */
export function createReceipts(deps: ReceiptsDeps, options: ReceiptsOptions): Service {
  const metrics = createReceiptsMetrics(deps.meter);
  return createConsumerService(deps, {
    name: 'receipts',
    group: GROUPS.receipts,
    topics: [TOPICS.receipts],
    startTimeoutMs: options.startTimeoutMs,
    stallExitMs: options.stallExitMs,
    work: (assignment) => foldPartition({ ...deps, metrics }, assignment, options),
  });
}
