import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SERVER_PORT_OFFSETS, stackReset, stackUp, type StackAddresses } from '@garam/stack/stack';
import { defaultCacheFolder } from '@garam/stack/stack-options';
import type { TestProject } from 'vitest/node';
import { freePortBase } from '@garam/stack/free-port-base';
import { wantedServers, whyMissing } from './servers.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Values for GARAM_LOG, GARAM_STORE and GARAM_BUS of the stack the tests share. */
    stack: StackAddresses;
  }
}

/** One real stack for all test files of the run, on free ports, in a folder that is removed afterwards. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const servers = wantedServers().filter((server) => whyMissing(server) === undefined);
  const dataFolder = mkdtempSync(join(tmpdir(), 'garam-stack-'));
  const count = (server: (typeof servers)[number]) => (servers.includes(server) ? 1 : 0);
  try {
    const addresses = await stackUp({
      kafka: count('kafka'),
      cassandra: count('cassandra'),
      redis: count('redis'),
      dataFolder,
      cacheFolder: defaultCacheFolder(),
      portBase: await freePortBase(SERVER_PORT_OFFSETS),
      partitions: 4,
    });
    project.provide('stack', addresses);
  } catch (error) {
    await stackReset(dataFolder);
    throw error;
  }
  return () => stackReset(dataFolder);
}
