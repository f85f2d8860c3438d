import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePortBase } from '@garam/stack/free-port-base';
import type { ServerSpec } from '@garam/stack/server-spec';
import { runningPid, startServer, stopServer } from '@garam/stack/server-process';
import { adapterUrls, stackDown, stackUp, SERVER_PORT_OFFSETS } from '@garam/stack/stack';
import type { StackOptions } from '@garam/stack/stack-options';
import { readClusterFile, writeClusterFile, type ClusterFile } from './cluster-file.ts';
import { SERVICES, type ClusterOptions } from './cluster-options.ts';
import { GARAM_MAIN, planProcesses, SERVER_OFFSET, SERVICE_OFFSETS, specOf } from './process-plan.ts';

const run = promisify(execFile);
const PROVISION_MS_MAX = 240_000;

/** A cluster that runs. Processes have names: `gateway-0`, `sequencer-1`, and of the servers `kafka-0`, `redis-0` … */
export interface Cluster extends ClusterFile {
  /** Addresses of the gateways of a group of edges; of the ordinary ones without a label. */
  gateways(label?: string): string[];
  apis(label?: string): string[];
  /** undefined: it does not run. */
  pid(name: string): number | undefined;
  /** Sends the signal; with SIGKILL or SIGTERM it resolves when the process has ended. */
  kill(name: string, signal: NodeJS.Signals): Promise<void>;
  /** Starts one that has ended, in the same place; resolves when it is ready. */
  restart(name: string): Promise<void>;
  /** Ends everything; the data folder stays. */
  stop(): Promise<void>;
}

/**
 * Starts servers and services and waits until all are ready.
 * @throws Error with the end of the log of what did not come up; nothing runs then
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  mkdirSync(options.dataFolder, { recursive: true });
  try {
    return await start(options);
  } catch (error) {
    await stopCluster(options.dataFolder);
    throw error;
  }
}

async function start(options: ClusterOptions): Promise<Cluster> {
  const { dataFolder, outlivesStarter } = options;
  const outliving = outlivesStarter === undefined ? {} : { outlivesStarter };
  const before = readClusterFile(dataFolder);
  const portBase =
    options.portBase ?? before?.portBase ?? (await freePortBase([...SERVICE_OFFSETS, ...serverOffsets()]));
  const servers: StackOptions = {
    ...options.servers,
    dataFolder: join(dataFolder, 'servers'),
    portBase: portBase + SERVER_OFFSET,
    ...outliving,
  };
  const addresses = adapterUrls(await stackUp(servers), servers);
  const jwtSecret = options.jwtSecret ?? before?.jwtSecret ?? randomBytes(32).toString('base64url');
  const shared = {
    GARAM_LOG_LEVEL: 'info',
    GARAM_DRAIN_MS: '5000',
    GARAM_JWT_SECRET: jwtSecret,
    ...addresses,
    ...options.environment,
  };
  await provision(shared);
  const processes = planProcesses(options, portBase);
  writeClusterFile(dataFolder, { jwtSecret, addresses, processes, portBase });
  const specs = new Map(processes.map((planned) => [planned.name, specOf(planned, dataFolder, shared)]));
  await startAll([...specs.values()], options);

  const folderOf = (name: string) => (specs.has(name) ? join(dataFolder, name) : join(servers.dataFolder, name));
  const urlsOf = (service: string, label: string) =>
    processes.filter((each) => each.service === service && each.label === label).map(({ url }) => url!);
  return {
    jwtSecret,
    addresses,
    processes,
    portBase,
    gateways: (label = '') => urlsOf('gateway', label),
    apis: (label = '') => urlsOf('api', label),
    pid: (name) => runningPid(folderOf(name)),
    async kill(name, signal) {
      const pid = runningPid(folderOf(name));
      if (pid === undefined) throw new Error(`${name} does not run`);
      if (signal === 'SIGKILL' || signal === 'SIGTERM') await stopServer(folderOf(name), signal);
      else process.kill(pid, signal);
    },
    async restart(name) {
      const spec = specs.get(name);
      if (spec === undefined) await stackUp(servers);
      else await startServer(spec, options);
    },
    stop: () => stopCluster(dataFolder),
  };
}

/** All at once. When one fails the others are ended, also those that were only about to start. */
async function startAll(specs: readonly ServerSpec[], options: ClusterOptions): Promise<void> {
  const starting = specs.map((spec) => startServer(spec, options));
  try {
    await Promise.all(starting);
  } catch (error) {
    await stopCluster(options.dataFolder);
    await Promise.allSettled(starting);
    throw error;
  }
}

const serverOffsets = () => SERVER_PORT_OFFSETS.map((offset) => SERVER_OFFSET + offset);

/** Topics and tables, once, before anybody needs them. */
async function provision(environment: Record<string, string>): Promise<void> {
  try {
    await run(process.execPath, [GARAM_MAIN, 'provision'], {
      env: { ...process.env, ...environment },
      timeout: PROVISION_MS_MAX,
    });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`topics and tables could not be made:\n${stdout ?? ''}${stderr ?? ''}`, { cause: error });
  }
}

/** Ends what was started in this folder: the edges first, then the consumers, the servers last. */
export async function stopCluster(dataFolder: string): Promise<void> {
  const folders = processFolders(dataFolder);
  const isEdge = (folder: string) => /\/(gateway|api)-[^/]*$/.test(folder);
  await Promise.all(folders.filter(isEdge).map((folder) => stopServer(folder)));
  await Promise.all(folders.filter((folder) => !isEdge(folder)).map((folder) => stopServer(folder)));
  await stackDown(join(dataFolder, 'servers'));
}

/** Ends it and removes its data. */
export async function removeCluster(dataFolder: string): Promise<void> {
  await stopCluster(dataFolder);
  rmSync(dataFolder, { recursive: true, force: true });
}

/** Folders of the services' processes. */
export function processFolders(dataFolder: string): string[] {
  if (!existsSync(dataFolder)) return [];
  const ours = new RegExp(`^(${SERVICES.join('|')})-([a-z0-9]+-)?\\d+$`);
  return readdirSync(dataFolder)
    .filter((name) => ours.test(name))
    .map((name) => join(dataFolder, name));
}
