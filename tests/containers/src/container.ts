import { inject } from 'vitest';
import { mustRun, run } from './run.ts';

const HEALTHY_MS_MAX = 60_000;
const POLL_MS = 250;

export interface ContainerOptions {
  /** What the image runs: `start`, `gateway`, … */
  command: readonly string[];
  env?: Record<string, string>;
  /** A volume for /data. */
  volume?: string;
  /** A port of the container to reach from here. */
  port?: number;
  /** More options of `docker run`. */
  more?: readonly string[];
}

export interface Container {
  readonly id: string;
  /** `http://127.0.0.1:…` of the published port; may change when the container is started again. */
  url(): Promise<string>;
  /** Resolves when the image's health check says healthy. */
  healthy(): Promise<void>;
  kill(signal: string): Promise<void>;
  start(): Promise<void>;
  /** Waits for the end; the exit code. */
  ended(): Promise<number>;
  logs(): Promise<string>;
  /** Exit code of a command inside. */
  execute(...command: string[]): Promise<number | null>;
}

/** The image as it is to be run: nothing writable but /tmp and /data, no capability, nothing more to gain. */
const HARDENED = ['--read-only', '--tmpfs=/tmp', '--cap-drop=ALL', '--security-opt=no-new-privileges'];

export async function startContainer({
  command,
  env = {},
  volume,
  port,
  more = [],
}: ContainerOptions): Promise<Container> {
  const id = await mustRun('docker', [
    'run',
    '--detach',
    `--label=${inject('label')}`,
    '--health-interval=1s',
    ...HARDENED,
    ...Object.entries(env).map(([key, value]) => `--env=${key}=${value}`),
    ...(volume === undefined ? [] : [`--volume=${volume}:/data`]),
    ...(port === undefined ? [] : [`--publish=127.0.0.1::${port}`]),
    ...more,
    inject('image'),
    ...command,
  ]);
  const inspect = (format: string) => mustRun('docker', ['inspect', '--format', format, id]);
  return {
    id,
    url: async () => `http://${(await mustRun('docker', ['port', id, String(port)])).split('\n')[0]}`,
    async healthy() {
      const until = performance.now() + HEALTHY_MS_MAX;
      for (;;) {
        const state = await inspect('{{.State.Status}} {{.State.Health.Status}}');
        if (state === 'running healthy') return;
        if (performance.now() > until || !state.startsWith('running'))
          throw new Error(`not healthy but ${state}:\n${(await run('docker', ['logs', id])).output}`);
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
    },
    kill: async (signal) => void (await mustRun('docker', ['kill', '--signal', signal, id])),
    start: async () => void (await mustRun('docker', ['start', id])),
    ended: async () => Number(await mustRun('docker', ['wait', id])),
    logs: async () => (await run('docker', ['logs', id])).output,
    execute: async (...inside) => (await run('docker', ['exec', id, ...inside])).code,
  };
}

export async function createVolume(): Promise<string> {
  return mustRun('docker', ['volume', 'create', `--label=${inject('label')}`]);
}
