import type { Cluster } from '@garam/cluster/start-cluster';
import { pause, until } from '@garam/tests-driver/deadline';
import { fetchMetrics } from '@garam/tests-driver/metrics-text';
import type { MetricSample } from '@garam/tests-driver/metrics-text';

/** What processes have asked of the store and the bus since they started. */
export interface Work {
  /** Statements, a batch as one, and the rows in them. */
  statements: number;
  rows: number;
  /** Entries for one instance; heartbeats, which go to all of them, are not about messages. */
  busEntries: number;
}

/** Work by service, summed over its processes. */
export type WorkOf = Map<string, Work>;

/** Longer than every interval at which a service writes by itself: the sequencer's flush, the receipts' window. */
const QUIET_MS = 1_500;
const QUIET_WITHIN_MS = 60_000;

/** Reads every process's counters once nothing is written or published any more. */
export async function workWhenQuiet(cluster: Cluster): Promise<WorkOf> {
  let last = await readWork(cluster);
  const isQuiet = async (): Promise<boolean> => {
    await pause(QUIET_MS);
    const before = last;
    last = await readWork(cluster);
    return JSON.stringify([...before]) === JSON.stringify([...last]);
  };
  await until(isQuiet, QUIET_WITHIN_MS, 'the services come to rest');
  return last;
}

export function difference(later: WorkOf, earlier: WorkOf): WorkOf {
  return new Map(
    [...later].map(([service, { statements, rows, busEntries }]) => {
      const before = earlier.get(service) ?? NONE;
      return [
        service,
        {
          statements: statements - before.statements,
          rows: rows - before.rows,
          busEntries: busEntries - before.busEntries,
        },
      ];
    }),
  );
}

export function sumOf(work: WorkOf, of: keyof Work): number {
  return [...work.values()].reduce((sum, each) => sum + each[of], 0);
}

const NONE: Work = { statements: 0, rows: 0, busEntries: 0 };

async function readWork(cluster: Cluster): Promise<WorkOf> {
  const work: WorkOf = new Map();
  for (const { service, healthUrl } of cluster.processes) {
    const samples = await fetchMetrics(healthUrl);
    const { statements, rows, busEntries } = work.get(service) ?? NONE;
    work.set(service, {
      statements: statements + counted(samples, 'garam_store_statements_total', { kind: 'write' }),
      rows: rows + counted(samples, 'garam_store_rows_total', { kind: 'write' }),
      busEntries: busEntries + counted(samples, 'garam_bus_published_entries_total', { to: 'one' }),
    });
  }
  return work;
}

function counted(samples: readonly MetricSample[], name: string, labels: Record<string, string>): number {
  const [[label, value]] = Object.entries(labels) as [[string, string]];
  const matching = samples.filter((sample) => sample.name === name && sample.labels[label] === value);
  return matching.reduce((sum, sample) => sum + sample.value, 0);
}
