import { cpus, totalmem } from 'node:os';
import { GaramConnection } from '@garam/tests-driver/garam-connection';
import { durabilityClass, fetchMetrics } from '@garam/tests-driver/metrics-text';
import type { BenchOptions } from './options.ts';
import type { Pinning } from './pin-cores.ts';
import { SERVER_ENVIRONMENT } from './target.ts';
import type { Target } from './target.ts';

/** What a figure means nothing without. */
export interface Conditions {
  at: string;
  node: string;
  cpu: string;
  cores: number;
  memoryGiB: number;
  transport: string;
  /** As the server reports it. */
  durability: string;
  server: string;
  /** As `hello` announces them. */
  limits: Record<string, number>;
  serverEnvironment: Record<string, string>;
  /** What only this kind of target knows: disk, versions, partitions. */
  facts: Record<string, string>;
  /** Processes that wanted to run in the minute before anything was started. */
  loadAverage: number;
  pinned: string;
  seed: number;
}

export async function describeConditions(
  options: BenchOptions,
  target: Target,
  { pinning, loadAverage }: Pick<Conditions, 'loadAverage'> & { pinning: Pinning },
): Promise<Conditions> {
  const processors = cpus();
  const isOurs = options.url === null;
  return {
    at: new Date().toISOString(),
    node: process.version,
    cpu: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    transport: `WebSocket garam.v1.json, ${new URL(target.urls[0]!).protocol === 'https:' ? 'TLS' : 'no TLS'}`,
    durability: await reportedDurability(target.metricsUrl),
    server: isOurs ? `${options.topology}, a fresh one for each population` : options.url!,
    limits: await announcedLimits(target),
    serverEnvironment: isOurs ? SERVER_ENVIRONMENT : {},
    facts: target.facts,
    loadAverage: loadAverage,
    pinned:
      pinning.serverCore === null
        ? `no: server and driver share the cores${options.topology === 'cluster' ? ', the driver goes first' : ''}`
        : `server to core ${pinning.serverCore}, driver to core ${pinning.driverCore}`,
    seed: options.seed,
  };
}

export function conditionLines(conditions: Conditions): string[] {
  const { facts, ...others } = conditions;
  return Object.entries({ ...others, ...facts }).map(([name, value]) => {
    const shown =
      typeof value === 'object'
        ? Object.entries(value)
            .map((pair) => pair.join('='))
            .join(' ')
        : value;
    return `  ${name.padEnd(18)} ${shown}`;
  });
}

async function announcedLimits(target: Target): Promise<Record<string, number>> {
  const token = await target.tokens.token('bench-conditions');
  const connection = new GaramConnection({ url: target.urls[0]!, token, device: 'bench' });
  const hello = await connection.hello();
  connection.close();
  return (hello['limits'] ?? {}) as Record<string, number>;
}

async function reportedDurability(url: string): Promise<string> {
  try {
    return durabilityClass(await fetchMetrics(url)) ?? 'not reported';
  } catch (error) {
    return `not reported (${(error as Error).message})`;
  }
}
