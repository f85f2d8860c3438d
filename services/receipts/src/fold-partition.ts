import type { Bus } from '@garam/bus/bus';
import { decodeReceipt } from '@garam/contracts/receipt-codec';
import type { ReceiptRecord } from '@garam/contracts/receipt-record';
import { deadLetterTopic, GROUPS, TOPICS } from '@garam/contracts/topics';
import { createPositionCommit } from '@garam/eventlog/commit-position';
import { toDeadLetter } from '@garam/eventlog/dead-letter';
import type { Assignment, EventLog, LogRecord, NewRecord } from '@garam/eventlog/event-log';
import type { Clock } from '@garam/runtime/clock';
import { untilAborted } from '@garam/service/batch-work';
import { createBlockingRetry } from '@garam/service/blocking-retry';
import type { PartitionWork } from '@garam/service/consumer-service';
import type { Store } from '@garam/store/store';
import type { Logger } from '@garam/telemetry/logger';
import { createMarkFold } from './mark-fold.ts';
import type { ReceiptsMetrics } from './metrics.ts';
import { createPublishBacklog } from './publish-backlog.ts';
import { raiseMarks } from './raise-marks.ts';
import type { ReceiptsOptions } from './receipts.ts';
import { createWindow } from './window.ts';

export interface FoldDeps {
  log: EventLog;
  store: Store;
  bus: Bus;
  clock: Clock;
  logger: Logger;
  metrics: ReceiptsMetrics;
}

/**
 * One partition of receipts. Records are folded in memory; once per window the fold is written to the store (repeated
 * until it succeeds), then published, then the position is committed. When the bus is away the store goes on, and the
 * position waits: after a restart the marks are folded and published again. Above a bound they are given up: they are
 * in the store, and the next read shows them.
 */
export function foldPartition(deps: FoldDeps, assignment: Assignment, options: ReceiptsOptions): PartitionWork {
  const { clock, logger, metrics } = deps;
  const { signal } = assignment;
  const onFailure = () => metrics.failures.add(1);
  const retry = createBlockingRetry({ signal, clock, logger, backoff: options.backoff, onFailure });
  const position = createPositionCommit(assignment, clock, {
    intervalMs: options.commitIntervalMs,
    onError: (error) => logger.warn({ err: error }, 'could not commit a position, will try again'),
  });
  const fold = createMarkFold();
  const backlog = createPublishBacklog(deps.bus, {
    marksMax: options.unpublishedMarksMax,
    onFailure(error, isFirst) {
      onFailure();
      if (isFirst) logger.warn({ err: error }, 'marks are written but cannot be published at present');
    },
    onGivenUp: (marks) => metrics.unpublished.add(marks),
  });
  let nextOffset = assignment.start;
  let isDraining = false;

  /** Everything folded so far: store → bus → position. */
  const settle = async (): Promise<void> => {
    const startedAt = clock.monotonic();
    const through = nextOffset;
    const receipts = fold.take();
    const count = await retry.run('raise marks', () => raiseMarks(deps.store.writes, receipts));
    if (count === undefined) return;
    metrics.marks.add(count);
    backlog.add(receipts);
    if ((await backlog.publish()) !== 'kept') position.done(through);
    metrics.windowDuration.record(clock.monotonic() - startedAt);
    if (backlog.size > 0) void window.open();
  };
  const window = createWindow({ clock, signal, lengthMs: options.windowMs, close: settle });

  const take = async (records: readonly LogRecord[]): Promise<void> => {
    const { receipts, dead } = decodeAll(records);
    if (dead.length > 0) {
      const topic = deadLetterTopic(TOPICS.receipts, GROUPS.receipts);
      await retry.run('dead letters', () => deps.log.appendBatch(topic, assignment.partition, dead));
      metrics.deadLetters.add(dead.length);
    }
    for (const receipt of receipts) fold.add(receipt);
    metrics.records.add(receipts.length);
    nextOffset = records.at(-1)!.offset + 1;
    const closed = window.open();
    if (fold.size > options.pendingMarksMax) await closed;
  };
  return {
    async handle(records) {
      if (isDraining) return untilAborted(signal);
      if (records.length > 0) await take(records);
    },
    async drain() {
      isDraining = true;
      await window.closeNow();
      await position.flush();
    },
    trouble: () => retry.trouble() ?? backlog.trouble,
  };
}

function decodeAll(records: readonly LogRecord[]): { receipts: ReceiptRecord[]; dead: NewRecord[] } {
  const receipts: ReceiptRecord[] = [];
  const dead: NewRecord[] = [];
  for (const record of records) {
    const receipt = decodeReceipt(record.value);
    if (receipt === null) dead.push(toDeadLetter(record, 'undecodable'));
    else receipts.push(receipt);
  }
  return { receipts, dead };
}
