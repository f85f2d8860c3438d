import { mkdir, rm } from 'node:fs/promises';
import type { TestProject } from 'vitest/node';
import { startCluster, type StartedCluster } from './cluster.ts';
import { PROFILE_ENV, STRICT_SECRET, type Profile, type Topologies, type Topology } from './profiles.ts';
import { startServer, type GaramServer } from './server.ts';

const started: GaramServer[] = [];
let cluster: StartedCluster | undefined;
let notes: string | undefined;

/**
 * Takes the topology from GARAM_E2E_URLS (and GARAM_E2E_HTTP_URLS, GARAM_E2E_HEALTH_URLS,
 * GARAM_E2E_JWT_SECRET; for the other profiles with _STRICT or _QUICK behind the name);
 * where it is unset, starts an embedded process with that profile's configuration.
 * With GARAM_TOPOLOGY=cluster all three are gateways and apis of one cluster started here.
 */
export async function setup(project: TestProject): Promise<void> {
  const folder = process.env['GARAM_E2E_COVERAGE'] ?? project.config.env['GARAM_E2E_COVERAGE'];
  if (folder === undefined) throw new Error('GARAM_E2E_COVERAGE is not set');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  notes = folder;
  try {
    if (process.env['GARAM_TOPOLOGY'] === 'cluster') {
      cluster = await startCluster();
      project.provide('topologies', cluster.topologies);
      return;
    }
    const [standard, strict, quick] = await Promise.all([topology('default'), topology('strict'), topology('quick')]);
    project.provide('topologies', { default: standard, strict, quick } satisfies Topologies);
  } catch (error) {
    await teardown();
    throw error;
  }
}

export async function teardown(): Promise<void> {
  await Promise.all(started.splice(0).map((server) => server.stop()));
  await cluster?.stop();
  cluster = undefined;
  if (notes !== undefined) await rm(notes, { recursive: true, force: true });
}

async function topology(profile: Profile): Promise<Topology> {
  const suffix = profile === 'default' ? '' : `_${profile.toUpperCase()}`;
  const urls = list(`GARAM_E2E_URLS${suffix}`);
  const jwtSecret = process.env[`GARAM_E2E_JWT_SECRET${suffix}`] ?? (profile === 'strict' ? STRICT_SECRET : undefined);
  const secret = jwtSecret === undefined ? {} : { jwtSecret };
  if (urls.length > 0) {
    const httpUrls = list(`GARAM_E2E_HTTP_URLS${suffix}`);
    const healthUrls = list(`GARAM_E2E_HEALTH_URLS${suffix}`);
    return { urls, httpUrls: orElse(httpUrls, urls), healthUrls: orElse(healthUrls, urls), ...secret };
  }
  const server = await startServer(PROFILE_ENV[profile]);
  started.push(server);
  return { urls: [server.url], httpUrls: [server.url], healthUrls: [server.url], ...secret };
}

function list(name: string): string[] {
  return (process.env[name] ?? '')
    .split(',')
    .map((url) => url.trim().replace(/\/$/, ''))
    .filter((url) => url !== '');
}

function orElse(urls: string[], other: string[]): string[] {
  return urls.length > 0 ? urls : other;
}
