import type { Meter } from '@opentelemetry/api';

/** All instruments of the persister. */
export function createPersisterMetrics(meter: Meter) {
  return {
    events: meter.createCounter('garam_persister_events_total', { description: 'Events written to the store' }),
    batchDuration: meter.createHistogram('garam_persister_batch_ms', {
      description: 'Time to write one batch, ms',
      unit: 'ms',
    }),
    failures: meter.createCounter('garam_persister_failures_total', {
      description: 'Failed tries; the position is held',
    }),
    deadLetters: meter.createCounter('garam_persister_dead_letters_total', { description: 'Undecodable events' }),
    lag: meter.createHistogram('garam_persister_lag_ms', {
      description: 'Age of the newest event of a batch when it was written, ms',
      unit: 'ms',
    }),
  };
}
