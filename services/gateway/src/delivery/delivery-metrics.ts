import type { Counter, Meter } from '@opentelemetry/api';

export interface DeliveryMetrics {
  /** Events that passed a gate. */
  passed: Counter;
  /** Pushes of events to sessions. */
  pushed: Counter;
  /** Holes that had to be read. */
  repairs: Counter;
  /** Reads of delivery that failed and are tried again. */
  failures: Counter;
  behind: Counter;
  resets: Counter;
  /** Comparisons that found a head or a chat this gateway had not heard of. */
  healed: Counter;
}

export function createDeliveryMetrics(meter: Meter): DeliveryMetrics {
  return {
    passed: meter.createCounter('garam_gateway_events_passed', { description: 'Events let through by a chat gate' }),
    pushed: meter.createCounter('garam_gateway_events_pushed', { description: 'Event pushes to sessions' }),
    repairs: meter.createCounter('garam_gateway_gap_repairs', {
      description: 'Holes read again once for all sessions',
    }),
    failures: meter.createCounter('garam_gateway_delivery_failures', {
      description: 'Failed reads that are tried again',
    }),
    behind: meter.createCounter('garam_gateway_behind_pushes', { description: 'Chats announced with behind' }),
    resets: meter.createCounter('garam_gateway_reset_pushes', { description: 'Cursors that had to be reset' }),
    healed: meter.createCounter('garam_gateway_anti_entropy_finds', {
      description: 'Chats or heads that only the periodic comparison found',
    }),
  };
}
