import type { Counter, Meter, UpDownCounter } from '@opentelemetry/api';

export interface TailingMetrics {
  /** Partitions of topics read here. */
  partitions: UpDownCounter;
  records: Counter;
  /** By `to`: `tail` or `bus`. */
  switches: Counter;
}

export function createTailingMetrics(meter: Meter): TailingMetrics {
  return {
    partitions: meter.createUpDownCounter('garam_gateway_tailing_partitions', {
      description: 'Partitions of topics read from the log here, because the bus or fanout is out of order',
    }),
    records: meter.createCounter('garam_gateway_tail_records', { description: 'Records read that way' }),
    switches: meter.createCounter('garam_gateway_tail_switches', {
      description: 'Partitions that changed their way, by to: tail or bus',
    }),
  };
}
