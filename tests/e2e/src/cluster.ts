import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PROFILE_ENV, STRICT_SECRET, type Topologies, type Topology } from './profiles.ts';

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
  const edges = join(folder, 'edges.json');
  const groups = (['strict', 'quick'] as const).map((label) => ({
    label,
    gateways: 2,
    apis: 1,
    environment: PROFILE_ENV[label],
  }));
  await writeFile(edges, JSON.stringify(groups));
  const running = await runCluster(['--data', folder, '--edges', edges]);
  const file = JSON.parse(await readFile(join(folder, 'cluster.json'), 'utf8')) as ClusterFile;
  return {
    topologies: { default: topology(file, ''), strict: topology(file, 'strict'), quick: topology(file, 'quick') },
    async stop() {
      await running.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** It ends when its input does: nothing stays when this process is interrupted. */
async function runCluster(args: string[]): Promise<{ end(): Promise<void> }> {
  const settings = ['--jwt-secret', STRICT_SECRET, '--env', 'GARAM_LOG_LEVEL=warn'];
  const child = spawn(process.execPath, [MAIN, 'run', ...args, ...settings], { cwd: ROOT, stdio: 'pipe' });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const end = async (): Promise<void> => {
    child.stdin.end();
    const late = setTimeout(() => child.kill('SIGKILL'), DOWN_MS_MAX);
    await ended;
    clearTimeout(late);
  };
  let output = '';
  const isUp = new Promise<boolean>((resolve) => {
    const keep = (chunk: Buffer): void => {
      output += chunk.toString();
      if (output.includes('running until')) resolve(true);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    void ended.then(() => resolve(false));
    setTimeout(() => resolve(false), UP_MS_MAX).unref();
  });
  if (await isUp) return { end };
  await end();
  throw new Error(`the cluster did not come up:\n${output}`);
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
