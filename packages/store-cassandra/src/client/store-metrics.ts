import type { Counter, Meter } from '@opentelemetry/api';

export interface StoreMetrics {
  /** Statements sent, a batch as one; attribute `kind`: read, write. */
  statements: Counter;
  /** Rows read or written; attribute `kind`. */
  rows: Counter;
  /** Calls that ended with a StoreError; attribute `kind`. */
  failures: Counter;
}

export function createStoreMetrics(meter: Meter): StoreMetrics {
  return {
    statements: meter.createCounter('garam_store_statements_total', {
      description: 'Statements sent to the store, a batch as one',
    }),
    rows: meter.createCounter('garam_store_rows_total', { description: 'Rows read from or written to the store' }),
    failures: meter.createCounter('garam_store_failures_total', { description: 'Calls of the store that failed' }),
  };
}
