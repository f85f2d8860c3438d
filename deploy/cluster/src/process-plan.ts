import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServerSpec } from '@garam/stack/server-spec';
import { SERVICES, type ClusterOptions, type EdgeGroup, type ServiceName } from './cluster-options.ts';

const ROOT = join(import.meta.dirname, '../../..');
/** Offsets from the port base. */
const PORTS = { gateway: 0, api: 30, health: 60, servers: 150 };
const EDGES_MAX = 30;
const PROCESSES_MAX = 90;
const PROBE_MS_MAX = 2_000;
const WEB_FOLDER = join(ROOT, 'apps/web/public');

/** One process of the cluster, placed. */
export interface PlannedProcess {
  /** `gateway-0`, `gateway-strict-0` */
  name: string;
  service: ServiceName;
  /** Of its group of edges; empty for the ordinary ones. */
  label: string;
  /** Where clients reach it, for gateways and apis. */
  url?: string;
  healthUrl: string;
  environment: Record<string, string>;
}

/** Offsets of all ports the cluster uses, besides those of the servers. */
export const SERVICE_OFFSETS = [
  ...Array.from({ length: 4 }, (_, index) => PORTS.gateway + index),
  ...Array.from({ length: 4 }, (_, index) => PORTS.api + index),
  ...Array.from({ length: 20 }, (_, index) => PORTS.health + index),
];
export const SERVER_OFFSET = PORTS.servers;

/** Names, ports and settings of every process. @throws Error when there are too many for the ports */
export function planProcesses(options: ClusterOptions, portBase: number): PlannedProcess[] {
  const used = { gateway: 0, api: 0 };
  const planned: PlannedProcess[] = [];
  for (const { service, label, name, environment } of wantedProcesses(options)) {
    const healthPort = portBase + PORTS.health + planned.length;
    const own: PlannedProcess = {
      name,
      service,
      label,
      healthUrl: `http://127.0.0.1:${healthPort}`,
      environment: Object.assign({ GARAM_HEALTH_PORT: String(healthPort) }, environment),
    };
    if (service === 'gateway' || service === 'api') {
      const port = portBase + PORTS[service] + used[service]++;
      const variable = service === 'gateway' ? 'GARAM_GATEWAY' : 'GARAM_API';
      own.url = `http://127.0.0.1:${port}`;
      own.environment[`${variable}_HOST`] = '127.0.0.1';
      own.environment[`${variable}_PORT`] = String(port);
    }
    planned.push(own);
  }
  if (planned.length > PROCESSES_MAX || Math.max(used.gateway, used.api) > EDGES_MAX)
    throw new Error(`no more than ${PROCESSES_MAX} processes, and ${EDGES_MAX} gateways or apis`);
  return planned;
}

type WantedProcess = Pick<PlannedProcess, 'name' | 'service' | 'label' | 'environment'>;

function wantedProcesses({ counts, edges }: ClusterOptions): WantedProcess[] {
  const wanted: WantedProcess[] = [];
  const want = (
    service: ServiceName,
    count: number,
    { label, environment }: Pick<EdgeGroup, 'label' | 'environment'>,
  ) => {
    const stem = label === '' ? service : `${service}-${label}`;
    for (let index = 0; index < count; index++) wanted.push({ service, label, name: `${stem}-${index}`, environment });
  };
  for (const service of SERVICES) want(service, counts[service], { label: '', environment: {} });
  for (const group of edges) {
    want('gateway', group.gateways, group);
    want('api', group.apis, group);
  }
  return wanted;
}

/** What starts the process, with its output in `<folder>/server.log`. */
export function specOf(
  { name, service, healthUrl, environment }: PlannedProcess,
  dataFolder: string,
  shared: Record<string, string>,
): ServerSpec {
  const folder = join(dataFolder, name);
  mkdirSync(folder, { recursive: true });
  return {
    name,
    command: process.execPath,
    args: [join(ROOT, 'services', service, 'src/main.ts')],
    environment: {
      NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache'),
      ...(service === 'api' ? { GARAM_WEB_FOLDER: WEB_FOLDER } : {}),
      ...shared,
      ...environment,
    },
    folder,
    address: healthUrl,
    isReady: () => answersReady(healthUrl),
  };
}

async function answersReady(healthUrl: string): Promise<boolean> {
  try {
    const answer = await fetch(`${healthUrl}/readyz`, { signal: AbortSignal.timeout(PROBE_MS_MAX) });
    await answer.text();
    return answer.status === 200;
  } catch {
    return false;
  }
}

export const GARAM_MAIN = join(ROOT, 'apps/garam/src/main.ts');
