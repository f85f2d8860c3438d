import { statfsSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { GaramConnection } from '@garam/tests-driver/garam-connection';
import { durabilityClass, fetchMetrics } from '@garam/tests-driver/metrics-text';
import { measureDisk } from './measure-disk.ts';
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
  dataOn: string;
  /** Time of a synced 4 KiB write there, measured before the first run. */
  diskSync: string;
  pinned: string;
  seed: number;
}

export async function describeConditions(options: BenchOptions, target: Target, pinning: Pinning): Promise<Conditions> {
  const processors = cpus();
  const embedded = options.url === null;
  return {
    at: new Date().toISOString(),
    node: process.version,
    cpu: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    transport: `WebSocket garam.v1.json, ${new URL(target.url).protocol === 'https:' ? 'TLS' : 'no TLS'}`,
    durability: await reportedDurability(target.url),
    server: embedded ? 'embedded, a fresh one for each population' : target.url,
    limits: await announcedLimits(target),
    serverEnvironment: embedded ? SERVER_ENVIRONMENT : {},
    dataOn: embedded ? `${tmpdir()} (${fileSystem(tmpdir())})` : 'unknown',
    diskSync: embedded ? diskSync() : 'unknown',
    pinned:
      pinning.serverCore === null
        ? 'no: server and driver share the cores'
        : `server to core ${pinning.serverCore}, driver to core ${pinning.driverCore}`,
    seed: options.seed,
  };
}

export function conditionLines(conditions: Conditions): string[] {
  return Object.entries(conditions).map(([name, value]) => {
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
  const connection = new GaramConnection({ url: target.url, token, device: 'bench' });
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

function diskSync(): string {
  const { p50Ms, p99Ms, maxMs } = measureDisk(tmpdir());
  return `p50 ${p50Ms.toFixed(2)}, p99 ${p99Ms.toFixed(2)}, max ${maxMs.toFixed(2)} ms`;
}

/** A log in memory would make every figure about durability worthless. */
function fileSystem(path: string): string {
  return statfsSync(path).type === TMPFS_MAGIC ? 'tmpfs: IN MEMORY, NOT ON DISK' : 'on disk';
}

const TMPFS_MAGIC = 0x01021994;
