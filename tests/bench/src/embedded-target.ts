import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { devTokens } from '@garam/tests-driver/dev-token';
import { startEmbeddedServer } from '@garam/tests-driver/embedded-server';
import { fileSystemOf, measureDisk } from './measure-disk.ts';
import type { BenchOptions } from './options.ts';
import type { Pinning } from './pin-cores.ts';
import { SERVER_ENVIRONMENT } from './target.ts';
import type { Target } from './target.ts';

/** Starts the all-in-one on an empty folder. */
export async function openEmbedded(options: BenchOptions, pinning: Pinning): Promise<Target> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'garam-bench-'));
  const remove = (): Promise<void> => rm(dataFolder, { recursive: true, force: true });
  try {
    const facts = { dataOn: `${tmpdir()} (${fileSystemOf(tmpdir())})`, diskSync: diskSync() };
    const server = await startEmbeddedServer({
      dataFolder,
      env: SERVER_ENVIRONMENT,
      ...(pinning.serverCore === null ? {} : { core: pinning.serverCore }),
      ...(options.server === null ? {} : { entry: options.server }),
    });
    const { url, processes } = server;
    return {
      urls: [url],
      metricsUrl: url,
      tokens: devTokens(url),
      processes,
      log: null,
      facts,
      async close() {
        await server.stop();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

function diskSync(): string {
  const { p50Ms, p99Ms, maxMs } = measureDisk(tmpdir());
  return `p50 ${p50Ms.toFixed(2)}, p99 ${p99Ms.toFixed(2)}, max ${maxMs.toFixed(2)} ms`;
}
