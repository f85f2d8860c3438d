import { mkdtempSync, readdirSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { readClusterFile } from '@garam/cluster/cluster-file';
import type { ClusterFile } from '@garam/cluster/cluster-file';
import { removeCluster, startCluster } from '@garam/cluster/start-cluster';
import { runningPid } from '@garam/stack/server-process';
import { stackStatus } from '@garam/stack/stack';
import { defaultCacheFolder } from '@garam/stack/stack-options';
import { signedTokens } from '@garam/tests-driver/dev-token';
import type { ServerProcess } from '@garam/tests-driver/process-usage';
import type { BenchOptions } from './options.ts';
import { SERVER_ENVIRONMENT } from './target.ts';
import type { Target } from './target.ts';

/** Starts Kafka, Cassandra, Redis and every service as processes on this machine, in a fresh folder. */
export async function openCluster({ counts, partitions, profile }: BenchOptions): Promise<Target> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'garam-bench-cluster-'));
  const cluster = await startCluster({
    counts,
    edges: [],
    servers: { kafka: 1, cassandra: 1, redis: 1, partitions, cacheFolder: defaultCacheFolder() },
    dataFolder,
    environment: { ...SERVER_ENVIRONMENT, NODE_ENV: 'production', GARAM_LOG_LEVEL: 'warn', ...profiling(profile) },
  });
  const target = targetOf(cluster, dataFolder);
  return {
    ...target,
    async close() {
      await cluster.stop();
      if (profile !== null) nameProfiles(profile, target.processes);
      await removeCluster(dataFolder);
    },
  };
}

/** Takes the cluster that `npm run cluster -- up --data FOLDER` has started, and leaves it running. */
export function findCluster(folder: string): Target {
  const dataFolder = resolve(folder);
  const cluster = readClusterFile(dataFolder);
  if (cluster === undefined) throw new Error(`no cluster in ${dataFolder}`);
  return targetOf(cluster, dataFolder);
}

function targetOf({ jwtSecret, addresses, processes }: ClusterFile, dataFolder: string): Target {
  const gateways = processes.filter(({ service, label }) => service === 'gateway' && label === '');
  const servers = stackStatus(join(dataFolder, 'servers'));
  const services = processes.map(({ name }) => ({ name, pid: runningPid(join(dataFolder, name)) }));
  return {
    urls: gateways.map(({ url }) => url!),
    metricsUrl: gateways[0]!.healthUrl,
    tokens: signedTokens(jwtSecret),
    processes: [...services, ...servers].map(running),
    log: addresses['GARAM_LOG'] ?? null,
    facts: {
      processes: services.map(({ name }) => name).join(', '),
      servers: `${servers.map(({ name }) => name).join(', ')}: ${versions()}; acknowledged before they are synced to disk`,
      log: addresses['GARAM_LOG']?.split('?')[1] ?? '',
    },
    close: async () => {},
  };
}

function running({ name, pid }: { name: string; pid: number | undefined }): ServerProcess {
  if (pid === undefined) throw new Error(`${name} does not run`);
  return { name, pid };
}

function profiling(folder: string | null): Record<string, string> {
  return folder === null ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${folder}` };
}

/** `CPU.<date>.<time>.<pid>.….cpuprofile` → `sequencer-0.cpuprofile` */
function nameProfiles(folder: string, processes: readonly ServerProcess[]): void {
  for (const file of readdirSync(folder)) {
    const owner = processes.find(({ pid }) => file.startsWith('CPU.') && file.split('.')[3] === String(pid));
    if (owner !== undefined) renameSync(join(folder, file), join(folder, `${owner.name}.cpuprofile`));
  }
}

/** What the stack's files are called after. */
function versions(): string {
  return readdirSync(defaultCacheFolder())
    .filter((name) => /^(kafka|cassandra)-[\d.]+$/.test(name))
    .join(', ');
}
