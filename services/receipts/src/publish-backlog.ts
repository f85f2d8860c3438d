import type { Bus } from '@garam/bus/bus';
import type { ReceiptRecord } from '@garam/contracts/receipt-record';
import { createMarkFold } from './mark-fold.ts';
import { publishMarks } from './publish-marks.ts';

/** Marks that are in the store and not yet told to the gateways. */
export interface PublishBacklog {
  add(receipts: readonly ReceiptRecord[]): void;
  /** Publishes all of them. `kept`: the bus is away, they stay. `given up`: they were too many to stay. Never rejects. */
  publish(): Promise<'published' | 'kept' | 'given up'>;
  readonly size: number;
  /** Why the last try failed; undefined: it did not. */
  readonly trouble: string | undefined;
}

export interface PublishBacklogOptions {
  /** (chat, user) pairs kept while the bus is away. */
  marksMax: number;
  onFailure(error: unknown, isFirst: boolean): void;
  onGivenUp(marks: number): void;
}

/** While the bus is away marks merge here, so that waiting costs no more than one mark per chat and user. */
export function createPublishBacklog(bus: Bus, options: PublishBacklogOptions): PublishBacklog {
  const waiting = createMarkFold();
  let trouble: string | undefined;
  return {
    get size() {
      return waiting.size;
    },
    get trouble() {
      return trouble;
    },
    add(receipts) {
      for (const receipt of receipts) waiting.add(receipt);
    },
    async publish() {
      const receipts = waiting.take();
      try {
        if (receipts.length > 0) await publishMarks(bus, receipts);
        trouble = undefined;
        return 'published';
      } catch (error) {
        options.onFailure(error, trouble === undefined);
        trouble = `publish marks: ${error instanceof Error ? error.message : String(error)}`;
        for (const receipt of receipts) waiting.add(receipt);
        if (waiting.size <= options.marksMax) return 'kept';
        options.onGivenUp(waiting.size);
        waiting.take();
        return 'given up';
      }
    },
  };
}
