import { createNoopMeter, type Meter } from '@opentelemetry/api';

/** All instruments of the bus. */
export function createBusMetrics(meter: Meter = createNoopMeter()) {
  return {
    publishedEntries: meter.createCounter('garam_bus_published_entries_total', {
      description: 'Entries published, counted once for each instance they are for; attribute `to`: one, all',
    }),
    publishedBytes: meter.createCounter('garam_bus_published_bytes_total', { description: 'Bytes published' }),
    commands: meter.createCounter('garam_bus_commands_total', { description: 'Commands sent to Redis' }),
    failures: meter.createCounter('garam_bus_failures_total', { description: 'Calls that failed' }),
    refused: meter.createCounter('garam_bus_refused_total', { description: 'Calls refused by a bound' }),
    losses: meter.createCounter('garam_bus_losses_total', { description: 'Subscriptions lost' }),
    unreadableEntries: meter.createCounter('garam_bus_unreadable_entries_total', {
      description: 'Entries received that cannot be read',
    }),
  };
}

export type BusMetrics = ReturnType<typeof createBusMetrics>;
