import { spawn } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from './run.ts';

const START_MS_MAX = 60_000;
const STOP_MS_MAX = 30_000;

export interface OwnDockerd {
  /** Value for DOCKER_HOST. */
  host: string;
  stop(): Promise<void>;
}

/** A Docker daemon for this run, with everything it keeps in a folder that is removed afterwards. Needs root. */
export async function startOwnDockerd(): Promise<OwnDockerd> {
  const folder = mkdtempSync(join(tmpdir(), 'garam-dockerd-'));
  const host = `unix://${folder}/docker.sock`;
  const logFile = join(folder, 'dockerd.log');
  const log = openSync(logFile, 'w');
  const places = ['data-root', 'exec-root', 'pidfile'].map((name) => `--${name}=${join(folder, name)}`);
  const daemon = spawn('dockerd', [...places, '-H', host], { stdio: ['ignore', log, log] });
  const ended = new Promise<void>((resolve) => {
    daemon.on('exit', () => resolve());
    daemon.on('error', () => resolve());
  });

  async function stop(): Promise<void> {
    daemon.kill('SIGTERM');
    const late = setTimeout(() => daemon.kill('SIGKILL'), STOP_MS_MAX);
    await ended;
    clearTimeout(late);
    await unmountAll(folder);
    rmSync(folder, { recursive: true, force: true });
  }

  const until = performance.now() + START_MS_MAX;
  while ((await run('docker', ['version'], { env: { DOCKER_HOST: host } })).code !== 0) {
    if (daemon.exitCode === null && performance.now() < until) {
      await sleep(250);
      continue;
    }
    const said = readFileSync(logFile, 'utf8').slice(-2_000);
    await stop();
    throw new Error(`A Docker daemon could not be started:\n${said}`);
  }
  return { host, stop };
}

/** The daemon leaves the mount of a network namespace behind, which would keep its folder from being removed. */
async function unmountAll(folder: string): Promise<void> {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n');
  const inside = mounts.map((line) => line.split(' ')[1] ?? '').filter((path) => path.startsWith(`${folder}/`));
  for (const path of inside.toReversed()) await run('umount', ['--lazy', path]);
}
