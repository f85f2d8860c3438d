import type { Meter } from '@opentelemetry/api';

/** All instruments of fanout. */
export function createFanoutMetrics(meter: Meter) {
  return {
    events: meter.createCounter('garam_fanout_events_total', { description: 'Events published' }),
    replies: meter.createCounter('garam_fanout_replies_total', { description: 'Replies published' }),
    batchDuration: meter.createHistogram('garam_fanout_batch_ms', {
      description: 'Time to publish one batch, ms',
      unit: 'ms',
    }),
    failures: meter.createCounter('garam_fanout_failures_total', { description: 'Failed tries; the position is held' }),
    deadLetters: meter.createCounter('garam_fanout_dead_letters_total', { description: 'Undecodable records' }),
  };
}
