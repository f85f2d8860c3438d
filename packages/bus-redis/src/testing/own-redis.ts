import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePortBase } from '@garam/stack/free-port-base';
import { eventually } from './eventually.ts';
import { Redis } from 'ioredis';

/** A real redis-server of one test file. */
export interface OwnRedis {
  readonly port: number;
  readonly url: string;
  /** Runs a command on a connection of its own. */
  command(name: string, ...args: (string | number)[]): Promise<unknown>;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
  /** Starts it again, empty; resolves when it answers. */
  start(): Promise<void>;
  /** It keeps its sockets and answers nothing until the returned function is called. */
  freeze(): () => void;
  dispose(): Promise<void>;
}

/** @param settings of redis-server, as on its command line */
export async function startOwnRedis(settings: readonly string[] = [], port?: number): Promise<OwnRedis> {
  return startAt(port ?? (await freePort()), settings);
}

async function startAt(port: number, settings: readonly string[]): Promise<OwnRedis> {
  const folder = mkdtempSync(join(tmpdir(), 'garam-redis-'));
  const fixed = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no'];
  let server: ChildProcess | undefined;
  let admin: Redis | undefined;

  async function start(): Promise<void> {
    server = spawn('redis-server', [...fixed, ...settings], { stdio: 'ignore' });
    admin = new Redis({ host: '127.0.0.1', port, retryStrategy: () => 20, maxRetriesPerRequest: null });
    admin.on('error', () => {});
    const current = admin;
    await eventually(async () => (await current.ping()) === 'PONG', 'redis-server answers').catch(async (error) => {
      await kill();
      throw error;
    });
  }

  async function kill(): Promise<void> {
    admin?.disconnect();
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const gone = once(server, 'exit');
    server.kill('SIGKILL');
    await gone;
  }

  await start();
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    command: (name, ...args) => admin!.call(name, ...args),
    kill,
    start,
    freeze() {
      const current = server!;
      current.kill('SIGSTOP');
      return () => void current.kill('SIGCONT');
    },
    async dispose() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Free now, also ten thousand above, where a cluster's nodes talk to each other. */
export function freePort(): Promise<number> {
  return freePortBase([0, 10_000]);
}
