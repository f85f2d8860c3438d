import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { pause } from './deadline.ts';
import type { ServerProcess } from './process-usage.ts';

/** A Garam started by a driver. Other topologies come as other functions that return the same. */
export interface RunningServer {
  /** Base address, `http://127.0.0.1:port`. */
  readonly url: string;
  readonly processes: readonly ServerProcess[];
  /** SIGTERM, then SIGKILL after the deadline. */
  stop(): Promise<void>;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
}

export interface EmbeddedServerOptions {
  dataFolder: string;
  /** A free one when left out. */
  port?: number;
  env?: Record<string, string>;
  /** The core to pin the server to, with `taskset`. */
  core?: number;
  /** Put before the command line, for example `['strace', '-D', …]`; must leave the server in the spawned process. */
  wrapper?: readonly string[];
  /** The script to run instead of `apps/garam`. */
  entry?: string;
  readyDeadlineMs?: number;
}

/** A server process that may not be ready yet. */
export interface StartingServer extends RunningServer {
  /** Rejects, with the last output, when the server ends or is not ready in time; it is not stopped then. */
  ready(): Promise<void>;
}

/** Starts the all-in-one server on 127.0.0.1 and waits for `/readyz`; throws with its last output when it fails. */
export async function startEmbeddedServer(options: EmbeddedServerOptions): Promise<RunningServer> {
  const server = await spawnEmbeddedServer(options);
  try {
    await server.ready();
  } catch (error) {
    await server.kill();
    throw error;
  }
  return server;
}

/** Starts the all-in-one server and does not wait for it. */
export async function spawnEmbeddedServer(options: EmbeddedServerOptions): Promise<StartingServer> {
  const port = options.port ?? (await freePort());
  const child = spawnServer(options, port);
  const output = lastOutput(child);
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.once('error', () => resolve());
  });
  const end = async (signal: NodeJS.Signals, deadlineMs: number): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    const forced = setTimeout(() => child.kill('SIGKILL'), deadlineMs);
    await ended;
    clearTimeout(forced);
  };
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    processes: [{ name: 'garam', pid: child.pid ?? 0 }],
    stop: () => end('SIGTERM', 10_000),
    kill: () => end('SIGKILL', 1000),
    ready: async () => {
      try {
        await untilReady(url, child, options.readyDeadlineMs ?? 20_000);
      } catch (error) {
        throw new Error(`${(error as Error).message}; last output:\n${output()}`, { cause: error });
      }
    },
  };
}

/** True when the program can be started here. */
export function isInstalled(program: string, versionFlag = '--version'): boolean {
  return spawnSync(program, [versionFlag], { stdio: 'ignore' }).error === undefined;
}

export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => probe.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

const DEFAULT_ENTRY = fileURLToPath(new URL('../../../apps/garam/src/main.ts', import.meta.url));

function spawnServer(options: EmbeddedServerOptions, port: number): ChildProcess {
  const pin = options.core === undefined ? [] : ['taskset', '-c', String(options.core)];
  const line = [...pin, ...(options.wrapper ?? []), process.execPath, options.entry ?? DEFAULT_ENTRY];
  const env = {
    ...process.env,
    NODE_ENV: 'production',
    GARAM_LOG_LEVEL: 'error',
    ...options.env,
    GARAM_PORT: String(port),
    GARAM_DATA: options.dataFolder,
  };
  return spawn(line[0]!, line.slice(1), { env, stdio: ['ignore', 'pipe', 'pipe'] });
}

function lastOutput(child: ChildProcess): () => string {
  let text = '';
  const add = (chunk: Buffer): void => {
    text = (text + chunk.toString()).slice(-4096);
  };
  child.stdout?.on('data', add);
  child.stderr?.on('data', add);
  child.on('error', (error) => add(Buffer.from(error.message)));
  return () => text;
}

async function untilReady(url: string, child: ChildProcess, deadlineMs: number): Promise<void> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) {
      throw new Error('the server ended before it was ready');
    }
    const ready = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(1000) }).catch(() => null);
    await ready?.body?.cancel();
    if (ready?.ok) return;
    if (performance.now() > end) throw new Error(`the server was not ready within ${deadlineMs} ms`);
    await pause(20);
  }
}
