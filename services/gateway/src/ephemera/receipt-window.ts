import { partitionOf } from '@garam/contracts/partition-of';
import { toReceiptRecord } from '@garam/contracts/log-records';
import type { ReceiptMark } from '@garam/contracts/receipt-record';
import { TOPICS } from '@garam/contracts/topics';
import type { EventLog } from '@garam/eventlog/event-log';
import type { Clock } from '@garam/runtime/clock';
import type { Logger } from '@garam/telemetry/logger';
import type { GatewayMetrics } from '../metrics.ts';

export interface ReceiptWindow {
  /** Notes how far a user has got. Maxima: what is lower than noted before changes nothing. */
  add(chat: string, mark: ReceiptMark): void;
  /** Appends what is noted now. */
  flush(): Promise<void>;
}

const MARKS_MAX = 500;
/** Users waiting to be written when the log cannot be reached; beyond, new ones are left out. */
const WAITING_MAX = 100_000;

/** Coalesces `read` and `delivered` per chat and user, and writes one record per chat and window to the log. */
export function createReceiptWindow(
  deps: { log: EventLog; clock: Clock; logger: Logger; metrics: GatewayMetrics },
  options: { windowMs: number; instance: string },
): ReceiptWindow {
  const { log, clock, logger, metrics } = deps;
  let waiting = new Map<string, Map<string, ReceiptMark>>();
  let count = 0;
  let records = 0;
  let isScheduled = false;

  function add(chat: string, mark: ReceiptMark): void {
    let users = waiting.get(chat);
    const known = users?.get(mark.user);
    if (known === undefined) {
      if (count >= WAITING_MAX) return;
      count += 1;
      if (users === undefined) waiting.set(chat, (users = new Map()));
    }
    const read = Math.max(mark.read, known?.read ?? 0);
    users!.set(mark.user, { user: mark.user, delivered: Math.max(mark.delivered, known?.delivered ?? 0, read), read });
    schedule();
  }

  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    clock.after(options.windowMs, () => void flush());
  }

  async function flush(): Promise<void> {
    isScheduled = false;
    const batch = waiting;
    waiting = new Map();
    count = 0;
    const appends: Promise<void>[] = [];
    for (const [chat, users] of batch) {
      const marks = [...users.values()];
      for (let start = 0; start < marks.length; start += MARKS_MAX)
        appends.push(append(chat, marks.slice(start, start + MARKS_MAX)));
    }
    await Promise.all(appends);
  }

  async function append(chat: string, marks: ReceiptMark[]): Promise<void> {
    const id = `${options.instance}:receipts:${records++}`;
    try {
      await log.append(TOPICS.receipts, toReceiptRecord({ chat, marks }, partitionOf(chat, log.partitions), id));
      metrics.receiptRecords.add(1);
    } catch (error) {
      metrics.receiptFailures.add(1);
      logger.debug({ err: error, chat }, 'receipts are tried again');
      for (const mark of marks) add(chat, mark);
    }
  }

  return { add, flush };
}
