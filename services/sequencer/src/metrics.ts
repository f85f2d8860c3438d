import type { Meter } from '@opentelemetry/api';

/** All instruments of the sequencer. */
export function createSequencerMetrics(meter: Meter) {
  return {
    decided: meter.createCounter('garam_sequencer_decisions_total', {
      description:
        'Commands decided, by outcome: accepted, duplicate, unchanged, refused; skipped: decided before a restart',
    }),
    events: meter.createCounter('garam_sequencer_events_total', { description: 'Events given to the log' }),
    acknowledged: meter.createCounter('garam_sequencer_acknowledged_total', {
      description: 'Commands whose events and replies the log has acknowledged',
    }),
    lag: meter.createHistogram('garam_sequencer_lag_ms', {
      description: 'Age of the newest command of a batch when it was decided, ms',
      unit: 'ms',
    }),
    parked: meter.createCounter('garam_sequencer_parked_total', {
      description: 'Commands that had to wait for rows of the store',
    }),
    flushDuration: meter.createHistogram('garam_sequencer_flush_ms', {
      description: 'Time of one flush, ms',
      unit: 'ms',
    }),
    saved: meter.createCounter('garam_sequencer_saved_chats_total', { description: 'Chat states saved' }),
    evicted: meter.createCounter('garam_sequencer_evicted_chats_total', { description: 'Chats forgotten for space' }),
    failures: meter.createCounter('garam_sequencer_failures_total', {
      description: 'Failed tries of the log or the store; they are repeated',
    }),
    deadLetters: meter.createCounter('garam_sequencer_dead_letters_total', {
      description: 'Commands undecodable or in a wrong partition',
    }),
    stopped: meter.createUpDownCounter('garam_sequencer_stopped_partitions', {
      description: 'ALARM when not 0: partitions stopped by a defect or by a state of another log',
    }),
  };
}

export type SequencerMetrics = ReturnType<typeof createSequencerMetrics>;
