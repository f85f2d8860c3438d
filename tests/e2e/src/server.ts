import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../../apps/garam/src/main.ts', import.meta.url));
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const READY_MS = 60_000;
const STOP_MS = 15_000;

/** How a process ended. */
interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** One embedded Garam process on 127.0.0.1 with a data folder of its own. */
export interface GaramServer {
  /** `http://127.0.0.1:<port>`; stays the same over `restart`. */
  readonly url: string;
  readonly dataDir: string;
  readonly pid: number;
  /** What the present process has written to stdout and stderr. */
  output(): string;
  /** Resolves when the present process has ended. */
  exited(): Promise<Exit>;
  signal(name: NodeJS.Signals): void;
  /** SIGKILL, and wait for the end. The data folder stays. */
  kill(): Promise<void>;
  /** Starts the process again on the same data and port (after `kill` or an end of its own). */
  restart(): Promise<void>;
  /** Ends the process (SIGTERM, then SIGKILL) and removes the data folder. */
  stop(): Promise<void>;
}

/** Starts an embedded Garam with `env` on top of the defaults of these tests and waits until it is ready. */
export async function startServer(env: Record<string, string> = {}): Promise<GaramServer> {
  const port = await freePort();
  const dataDir = await mkdtemp(join(tmpdir(), 'garam-e2e-data-'));
  const url = `http://127.0.0.1:${port}`;
  const settings = { GARAM_PORT: String(port), GARAM_DATA: dataDir, GARAM_LOG_LEVEL: 'warn', ...env };
  let running = launch(settings);
  await ready(url, running);
  return {
    url,
    dataDir,
    get pid() {
      return running.child.pid ?? 0;
    },
    output: () => running.output.join(''),
    exited: () => running.exited,
    signal: (name) => void running.child.kill(name),
    async kill() {
      running.child.kill('SIGKILL');
      await running.exited;
    },
    async restart() {
      running = launch(settings);
      await ready(url, running);
    },
    async stop() {
      running.child.kill('SIGTERM');
      const late = AbortSignal.timeout(STOP_MS);
      late.addEventListener('abort', () => running.child.kill('SIGKILL'));
      await running.exited;
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Nothing started here outlives the process that started it. */
const children = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

interface Running {
  child: ChildProcess;
  output: string[];
  exited: Promise<Exit>;
}

function launch(settings: Record<string, string>): Running {
  const child = spawn(process.execPath, [MAIN], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'] ?? '', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  const output: string[] = [];
  const keep = (chunk: Buffer): void => {
    output.push(chunk.toString());
    if (output.length > 500) output.splice(0, 250);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => {
      children.delete(child);
      resolve({ code, signal });
    });
    child.once('error', () => resolve({ code: -1, signal: null }));
  });
  return { child, output, exited };
}

async function ready(url: string, running: Running): Promise<void> {
  let ended = false;
  void running.exited.then(() => (ended = true));
  const deadline = Date.now() + READY_MS;
  while (Date.now() < deadline) {
    if (ended) break;
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.status === 200) return;
    await sleep(25);
  }
  running.child.kill('SIGKILL');
  throw new Error(
    `Garam at ${url} is not ready${ended ? ' (it ended)' : ''}:\n${running.output.join('').slice(-4000)}`,
  );
}

/** A port nobody listened on a moment ago. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
