import type { Counter, Meter, UpDownCounter } from '@opentelemetry/api';
import { createDeliveryMetrics, type DeliveryMetrics } from './delivery/delivery-metrics.ts';
import { createTailingMetrics, type TailingMetrics } from './tailing/tailing-metrics.ts';

export interface GatewayMetrics {
  connections: UpDownCounter;
  sessions: UpDownCounter;
  /** By `type`. */
  commands: Counter;
  /** Commands refused, by `error`. */
  refusals: Counter;
  /** Connections closed by this gateway, by `code`. */
  closes: Counter;
  /** Ephemeral pushes left out because a socket was slow. */
  dropped: Counter;
  receiptRecords: Counter;
  receiptFailures: Counter;
  delivery: DeliveryMetrics;
  tailing: TailingMetrics;
}

export function createGatewayMetrics(meter: Meter): GatewayMetrics {
  return {
    connections: meter.createUpDownCounter('garam_gateway_connections', { description: 'Open WebSocket connections' }),
    sessions: meter.createUpDownCounter('garam_gateway_sessions', {
      description: 'Connections with an answered hello',
    }),
    commands: meter.createCounter('garam_gateway_commands', { description: 'Commands taken, by type' }),
    refusals: meter.createCounter('garam_gateway_refusals', { description: 'Commands refused, by error' }),
    closes: meter.createCounter('garam_gateway_closes', { description: 'Connections closed by the gateway, by code' }),
    dropped: meter.createCounter('garam_gateway_pushes_dropped', {
      description: 'Typing and presence left out because a socket was slow',
    }),
    receiptRecords: meter.createCounter('garam_gateway_receipt_records', {
      description: 'Coalesced receipt records appended to the log',
    }),
    receiptFailures: meter.createCounter('garam_gateway_receipt_failures', {
      description: 'Receipt records that could not be appended and are tried again',
    }),
    delivery: createDeliveryMetrics(meter),
    tailing: createTailingMetrics(meter),
  };
}
