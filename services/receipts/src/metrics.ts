import type { Meter } from '@opentelemetry/api';

/** All instruments of receipts. */
export function createReceiptsMetrics(meter: Meter) {
  return {
    records: meter.createCounter('garam_receipts_records_total', { description: 'Receipt records folded' }),
    marks: meter.createCounter('garam_receipts_marks_total', { description: 'Marks written to the store' }),
    windowDuration: meter.createHistogram('garam_receipts_window_ms', {
      description: 'Time to write and publish one window, ms',
      unit: 'ms',
    }),
    failures: meter.createCounter('garam_receipts_failures_total', {
      description: 'Failed tries; the position is held',
    }),
    unpublished: meter.createCounter('garam_receipts_unpublished_marks_total', {
      description: 'Marks nobody was told about because the bus was away too long; they are in the store',
    }),
    deadLetters: meter.createCounter('garam_receipts_dead_letters_total', { description: 'Undecodable records' }),
  };
}

export type ReceiptsMetrics = ReturnType<typeof createReceiptsMetrics>;
