import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { SERVICES } from '@garam/cluster/cluster-options';
import type { ServiceName } from '@garam/cluster/cluster-options';

/** What the command line asks for. */
export interface BenchOptions {
  /** One workload, or all of them at their bars. */
  workload: WorkloadName | null;
  /** The Garam to measure; null starts one here. */
  url: string | null;
  /** Shared secret (HS256) of the Garam at `url`, when it gives no development tokens. */
  jwtSecret: string | null;
  seed: number;
  /** Measured seconds and messages per second; null leaves each workload its own. */
  seconds: number | null;
  rate: number | null;
  connections: number;
  search: boolean;
  json: string | null;
  /** The script to start instead of `apps/garam`. */
  server: string | null;
  topology: 'embedded' | 'cluster';
  /** Of the cluster: processes of each service, partitions of the log, folder for CPU profiles. */
  counts: Record<ServiceName, number>;
  partitions: number;
  profile: string | null;
  /** Data folder of a cluster that runs already. */
  cluster: string | null;
}

export type WorkloadName = 'pairs' | 'groups' | 'large' | 'idle';

export const USAGE = `npm run bench -- [options]

  --workload NAME   pairs | groups | large | idle; without it all run at their bars
  --search          with pairs: find the highest healthy rate, then offer twice of it
  --rate N          messages per second (open loop)
  --seconds N       measured seconds, after the warm-up
  --connections N   idle: how many (8000)
  --seed N          the same seed offers the same load (1)
  --url URL         measure the Garam at URL instead of starting one: no CPU, no memory
  --jwt-secret S    sign tokens with S instead of asking URL for development tokens
  --json FILE       write conditions and results as JSON
  --server FILE     the script to start instead of apps/garam/src/main.ts
  --topology T      embedded (default): the all-in-one · cluster: Kafka, Cassandra, Redis and every service as a process
  --processes LIST  cluster: how many of which service, gateway=2,fanout=2 (one of each)
  --partitions N    cluster: of the log (8)
  --cluster FOLDER  measure the cluster that runs in FOLDER instead of starting one
  --profile FOLDER  cluster: write a CPU profile of each service's process there
`;

/** Throws with a sentence for the user when something is wrong. */
export function parseOptions(args: readonly string[]): BenchOptions | 'help' {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      workload: text,
      search: flag,
      rate: text,
      seconds: text,
      connections: text,
      seed: text,
      url: text,
      'jwt-secret': text,
      json: text,
      server: text,
      topology: text,
      processes: text,
      partitions: text,
      profile: text,
      cluster: text,
      help: flag,
    },
  });
  if (values.help === true) return 'help';
  const workload = values.workload ?? (values.search === true ? 'pairs' : null);
  if (workload !== null && !isWorkload(workload)) throw new Error(`--workload ${workload}: ${WORKLOADS.join(', ')}`);
  if (values.search === true && workload !== 'pairs') throw new Error('--search goes with --workload pairs');
  const topology = values.topology ?? (values.cluster === undefined ? 'embedded' : 'cluster');
  if (topology !== 'embedded' && topology !== 'cluster') throw new Error(`--topology ${topology}: embedded, cluster`);
  return {
    workload,
    url: values.url ?? null,
    jwtSecret: values['jwt-secret'] ?? null,
    seed: positive('seed', values.seed) ?? 1,
    seconds: positive('seconds', values.seconds),
    rate: positive('rate', values.rate),
    connections: positive('connections', values.connections) ?? 8000,
    search: values.search === true,
    json: values.json ?? null,
    server: values.server ?? null,
    topology,
    counts: processCounts(values.processes ?? ''),
    partitions: positive('partitions', values.partitions) ?? 8,
    profile: values.profile === undefined ? null : resolve(values.profile),
    cluster: values.cluster ?? null,
  };
}

const WORKLOADS: readonly WorkloadName[] = ['pairs', 'groups', 'large', 'idle'];

function isWorkload(name: string): name is WorkloadName {
  return (WORKLOADS as readonly string[]).includes(name);
}

function processCounts(text: string): Record<ServiceName, number> {
  const counts = Object.fromEntries(SERVICES.map((service) => [service, 1])) as Record<ServiceName, number>;
  for (const part of text.split(',').filter((each) => each !== '')) {
    const [name, count] = part.split('=');
    const service = SERVICES.find((each) => each === name);
    if (service === undefined) throw new Error(`--processes ${part}: ${SERVICES.join(', ')}`);
    counts[service] = positive('processes', count ?? '') ?? 1;
  }
  return counts;
}

function positive(name: string, value: string | undefined): number | null {
  if (value === undefined) return null;
  const number = Number(value);
  if (!Number.isFinite(number) || number <= 0) throw new Error(`--${name} ${value}: must be a number above 0`);
  return number;
}
