import type { Histogram, Meter } from '@opentelemetry/api';

export interface ApiMetrics {
  /** From reading a request to its answer, ms, by command and status. */
  requestDuration: Histogram;
}

export function createApiMetrics(meter: Meter, inFlight: () => number): ApiMetrics {
  meter
    .createObservableGauge('garam_api_inflight_requests', { description: 'Requests read and not answered yet.' })
    .addCallback((result) => result.observe(inFlight()));
  return {
    requestDuration: meter.createHistogram('garam_api_request_duration_ms', {
      description: 'From reading a request to its answer, by command and status.',
      unit: 'ms',
      advice: { explicitBucketBoundaries: [1, 2, 5, 10, 20, 50, 100, 250, 500, 1_000, 2_500, 5_000] },
    }),
  };
}
