import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const ROOT = join(import.meta.dirname, '../../..');
const NODE = join(ROOT, 'node_modules/.bin/node');
const START_TIMEOUT_MS = 30_000;
const OUTPUT_MAX = 20_000;

/** A whole Garam as its own process on a free port with its own data, to be killed and started again. */
export interface GaramProcess {
  readonly url: string;
  /** Starts the server; resolves when it serves the page. */
  start(): Promise<void>;
  /** `kill -9`, no warning; resolves when the process is gone. */
  kill(): Promise<void>;
  /** Kills the server and deletes its data. */
  remove(): Promise<void>;
}

export async function createGaramProcess(): Promise<GaramProcess> {
  const data = await mkdtemp(join(tmpdir(), 'garam-browser-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  let output = '';

  async function start(): Promise<void> {
    const started = spawn(NODE, ['apps/garam/src/main.ts'], {
      cwd: ROOT,
      env: { ...process.env, GARAM_PORT: String(port), GARAM_DATA: data },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child = started;
    for (const stream of [started.stdout, started.stderr]) {
      stream.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-OUTPUT_MAX)));
    }
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!(await serves(url))) {
      if (started.exitCode !== null) throw new Error(`Garam ended with code ${started.exitCode}:\n${output}`);
      if (Date.now() > deadline) throw new Error(`Garam did not serve ${url} in ${START_TIMEOUT_MS} ms:\n${output}`);
      await sleep(50);
    }
  }

  async function kill(): Promise<void> {
    const running = child;
    child = undefined;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const gone = once(running, 'exit');
    running.kill('SIGKILL');
    await gone;
  }

  async function remove(): Promise<void> {
    await kill();
    await rm(data, { recursive: true, force: true });
  }

  return { url, start, kill, remove };
}

async function serves(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('No port was given.');
  return address.port;
}
