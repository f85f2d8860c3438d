import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { devTokens, signedTokens } from '@garam/tests-driver/dev-token';
import type { TokenSource } from '@garam/tests-driver/dev-token';
import { startEmbeddedServer } from '@garam/tests-driver/embedded-server';
import type { ServerProcess } from '@garam/tests-driver/process-usage';
import type { BenchOptions } from './options.ts';
import type { Pinning } from './pin-cores.ts';

/** The Garam being measured. */
export interface Target {
  url: string;
  tokens: TokenSource;
  /** Empty when it was not started here: then its CPU and memory are unknown. */
  processes: readonly ServerProcess[];
  close(): Promise<void>;
}

/** Limits are raised, because one driver stands for many users on one address. */
export const SERVER_ENVIRONMENT = { GARAM_LIMITS: 'off', GARAM_GROUP_MAX: '2000' };

/** Starts a fresh server on an empty folder, or takes the one named by `--url`. */
export async function openTarget(options: BenchOptions, pinning: Pinning): Promise<Target> {
  if (options.url !== null) {
    const tokens = options.jwtSecret === null ? devTokens(options.url) : signedTokens(options.jwtSecret);
    return { url: options.url, tokens, processes: [], close: async () => {} };
  }
  const dataFolder = await mkdtemp(join(tmpdir(), 'garam-bench-'));
  const remove = (): Promise<void> => rm(dataFolder, { recursive: true, force: true });
  try {
    const server = await startEmbeddedServer({
      dataFolder,
      env: SERVER_ENVIRONMENT,
      ...(pinning.serverCore === null ? {} : { core: pinning.serverCore }),
      ...(options.server === null ? {} : { entry: options.server }),
    });
    const close = async (): Promise<void> => {
      await server.stop();
      await remove();
    };
    return { url: server.url, tokens: devTokens(server.url), processes: server.processes, close };
  } catch (error) {
    await remove();
    throw error;
  }
}
