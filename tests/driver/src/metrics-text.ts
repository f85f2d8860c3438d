/** One sample of a Prometheus text page. */
export interface MetricSample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/** Reads the Prometheus text format; comment lines and what is not a sample are skipped. */
export function parseMetrics(text: string): MetricSample[] {
  const samples: MetricSample[] = [];
  for (const line of text.split('\n')) {
    const match = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)/.exec(line);
    if (match === null) continue;
    const labels: Record<string, string> = {};
    for (const pair of (match[2] ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)) labels[pair[1]!] = pair[2]!;
    samples.push({ name: match[1]!, labels, value: Number(match[3]) });
  }
  return samples;
}

export async function fetchMetrics(url: string): Promise<MetricSample[]> {
  const response = await fetch(new URL('/metrics', url), { signal: AbortSignal.timeout(5000) });
  if (!response.ok) throw new Error(`/metrics answered ${response.status}`);
  return parseMetrics(await response.text());
}

/** Sum over all label sets of a metric; undefined when it is not there. */
export function metricSum(samples: readonly MetricSample[], name: string): number | undefined {
  const matching = samples.filter((sample) => sample.name === name);
  return matching.length === 0 ? undefined : matching.reduce((sum, sample) => sum + sample.value, 0);
}

/** The durability class the log declares (`power_loss`, …), from `garam_log_durability_info`; undefined when unsaid. */
export function durabilityClass(samples: readonly MetricSample[]): string | undefined {
  return samples.find((sample) => sample.name === 'garam_log_durability_info' && sample.value === 1)?.labels['class'];
}
