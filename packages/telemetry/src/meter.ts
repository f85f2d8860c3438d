import { createNoopMeter, type Meter } from '@opentelemetry/api';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';

/** Records nothing: for unit tests. */
export const noopMeter: Meter = createNoopMeter();

export interface Metrics {
  meter: Meter;
  /** All instruments in the Prometheus text format. */
  render(): Promise<string>;
}

/** OpenTelemetry metrics of one process, read by scraping; nothing is sent anywhere. */
export function createMetrics(): Metrics {
  const reader = new PrometheusExporter({ preventServerStart: true });
  const provider = new MeterProvider({ readers: [reader] });
  const serializer = new PrometheusSerializer();
  return {
    meter: provider.getMeter('garam'),
    async render() {
      const { resourceMetrics } = await reader.collect();
      return serializer.serialize(resourceMetrics);
    },
  };
}
