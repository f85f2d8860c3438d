import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { makeLocalBase } from './local-base.ts';
import { startOwnDockerd } from './own-dockerd.ts';
import { mustRun, run } from './run.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The image under test. */
    image: string;
    /** Label of everything this run starts. */
    label: string;
  }
}

const ROOT = join(import.meta.dirname, '../../..');
const OFFICIAL_BASE = 'node:24-trixie-slim';
const BUILD_MS_MAX = 15 * 60_000;
const PULL_MS_MAX = 3 * 60_000;

/** A Docker daemon, the image built once, and after the tests nothing of it left. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const own = (await run('docker', ['version'])).code === 0 ? undefined : await startOwnDockerd();
  if (own !== undefined) process.env['DOCKER_HOST'] = own.host;
  const id = randomBytes(4).toString('hex');
  const label = `garam-test=${id}`;
  const image = `garam-test:${id}`;
  const leftOut = own === undefined ? [] : ['the Docker of this machine: a daemon was started for the run'];
  const teardown = async (): Promise<void> => {
    await removeAll(label, image);
    await own?.stop();
    for (const line of leftOut) console.error(`LEFT OUT ${line}`);
  };
  try {
    const base = await findBase(`garam-test-base:${id}`, leftOut);
    await build(image, base, label);
    leftOut.push('docker compose up: Kafka, Cassandra, Redis and nginx from their official images');
    leftOut.push('--build-arg UWS_VERSION: uWebSockets.js from the repository of its author');
  } catch (error) {
    await teardown();
    throw error;
  }
  project.provide('image', image);
  project.provide('label', label);
  return teardown;
}

/** GARAM_TEST_NODE_IMAGE and no other, else the official image if it can be had, else one that is made here. */
async function findBase(localName: string, leftOut: string[]): Promise<string> {
  const named = process.env['GARAM_TEST_NODE_IMAGE'];
  if (named !== undefined) return named;
  const pulled = await run('docker', ['pull', OFFICIAL_BASE], { timeoutMs: PULL_MS_MAX });
  if (pulled.code === 0) return OFFICIAL_BASE;
  leftOut.push(`the official base image ${OFFICIAL_BASE}, which could not be pulled: built on a base made here`);
  await makeLocalBase(localName);
  return localName;
}

async function build(image: string, base: string, label: string): Promise<void> {
  const options = ['--network', 'host', '--build-arg', `NODE_IMAGE=${base}`, '--label', label, '--tag', image];
  const hasBuildKit = (await run('docker', ['buildx', 'version'])).code === 0;
  await mustRun('docker', ['build', ...options, '--file', join(ROOT, 'deploy/docker/Dockerfile'), ROOT], {
    timeoutMs: BUILD_MS_MAX,
    env: { DOCKER_BUILDKIT: hasBuildKit ? '1' : '0' },
  });
}

/** Containers and volumes of the run, its image, and the base if it was made for the run. */
async function removeAll(label: string, image: string): Promise<void> {
  const containers = (await run('docker', ['ps', '-aq', '--filter', `label=${label}`])).stdout.split(/\s+/);
  for (const container of containers.filter(Boolean)) await run('docker', ['rm', '-f', '-v', container]);
  const volumes = (await run('docker', ['volume', 'ls', '-q', '--filter', `label=${label}`])).stdout.split(/\s+/);
  for (const volume of volumes.filter(Boolean)) await run('docker', ['volume', 'rm', volume]);
  await run('docker', ['rmi', image, image.replace('garam-test:', 'garam-test-base:')]);
}
