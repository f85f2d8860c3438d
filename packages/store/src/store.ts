import type { ViewReads } from './view-reads.ts';
import type { ViewWrites } from './view-writes.ts';
import type { LogNames } from './log-names.ts';
import type { SequencerStore } from './sequencer-store.ts';
import type { UserStore } from './user-store.ts';

/**
 * Port: everything durable besides the log. Writes carry the chat's clock (µs) as timestamp: an older write never
 * wins over a newer one, per field, whatever the order of arrival; repeating a write changes nothing. A write is
 * durable when its promise resolves. Every method rejects with StoreError when the store is out of reach within
 * its deadline.
 */
export interface Store {
  readonly sequencer: SequencerStore;
  readonly writes: ViewWrites;
  readonly reads: ViewReads;
  readonly users: UserStore;
  readonly logNames: LogNames;
  close(): Promise<void>;
}

export class StoreError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreError';
  }
}
