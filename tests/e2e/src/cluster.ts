import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { PROFILE_ENV, STRICT_SECRET, type Topologies, type Topology } from './profiles.ts';

const run = promisify(execFile);
const MAIN = fileURLToPath(new URL('../../../deploy/cluster/src/main.ts', import.meta.url));
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const UP_MS_MAX = 480_000;
const DOWN_MS_MAX = 120_000;

/** Services as processes on Kafka, Cassandra and Redis, started for this run. */
export interface StartedCluster {
  topologies: Topologies;
  stop(): Promise<void>;
}

interface ClusterFile {
  processes: { service: string; label: string; url?: string; healthUrl: string }[];
}

/** Two of everything on one log, store and bus; the profiles differ in their gateways and apis. */
export async function startCluster(): Promise<StartedCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'garam-e2e-cluster-'));
  const stop = async (): Promise<void> => {
    await command(['reset', '--data', folder], DOWN_MS_MAX);
    await rm(folder, { recursive: true, force: true });
  };
  const edges = join(folder, 'edges.json');
  const profiles = ['strict', 'quick'] as const;
  const groups = profiles.map((label) => ({ label, gateways: 2, apis: 1, environment: PROFILE_ENV[label] }));
  await writeFile(edges, JSON.stringify(groups));
  try {
    await command(
      ['up', '--data', folder, '--edges', edges, '--jwt-secret', STRICT_SECRET, '--env', 'GARAM_LOG_LEVEL=warn'],
      UP_MS_MAX,
    );
    const file = JSON.parse(await readFile(join(folder, 'cluster.json'), 'utf8')) as ClusterFile;
    const topologies = {
      default: topology(file, ''),
      strict: topology(file, 'strict'),
      quick: topology(file, 'quick'),
    };
    return { topologies, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function command(args: string[], timeout: number): Promise<void> {
  try {
    await run(process.execPath, [MAIN, ...args], { cwd: ROOT, timeout, killSignal: 'SIGINT' });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`cluster ${args[0]} failed:\n${stdout ?? ''}${stderr ?? ''}`, { cause: error });
  }
}

function topology({ processes }: ClusterFile, label: string): Topology {
  const edges = processes.filter((each) => each.url !== undefined && each.label === label);
  const urlsOf = (service: string) => edges.filter((each) => each.service === service).map(({ url }) => url!);
  return {
    urls: urlsOf('gateway'),
    httpUrls: urlsOf('api'),
    healthUrls: edges.map(({ healthUrl }) => healthUrl),
    jwtSecret: STRICT_SECRET,
  };
}
