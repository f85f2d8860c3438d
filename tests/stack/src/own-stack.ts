import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runningPid, stopServer } from '@garam/stack/server-process';
import { SERVER_PORT_OFFSETS, stackReset, stackUp, type StackAddresses } from '@garam/stack/stack';
import { defaultCacheFolder } from '@garam/stack/stack-options';
import { freePortBase } from '@garam/stack/free-port-base';

/** A stack for one test file that breaks its servers. */
export interface OwnStack {
  readonly addresses: StackAddresses;
  /** Ends a server (`kafka-0`) as a power cut would. */
  kill(server: string): Promise<void>;
  /** Stops a server in its tracks: it keeps its sockets and answers nothing. Undone by the returned function. */
  freeze(server: string): () => void;
  /** Starts again whatever has been killed; resolves when all serve. */
  up(): Promise<void>;
  dispose(): Promise<void>;
}

export async function startOwnStack(counts: { kafka?: number; cassandra?: number; redis?: number }): Promise<OwnStack> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'garam-stack-'));
  const options = {
    kafka: 0,
    cassandra: 0,
    redis: 0,
    ...counts,
    dataFolder,
    cacheFolder: defaultCacheFolder(),
    portBase: await freePortBase(SERVER_PORT_OFFSETS),
    partitions: 4,
  };
  const start = () => stackUp(options);
  let addresses: StackAddresses;
  try {
    addresses = await start();
  } catch (error) {
    await stackReset(dataFolder);
    throw error;
  }
  const signal = (server: string, name: NodeJS.Signals) => {
    const pid = runningPid(join(dataFolder, server));
    if (pid === undefined) throw new Error(`${server} is not running`);
    process.kill(pid, name);
  };
  return {
    addresses,
    kill: (server) => stopServer(join(dataFolder, server), 'SIGKILL'),
    freeze(server) {
      signal(server, 'SIGSTOP');
      return () => signal(server, 'SIGCONT');
    },
    async up() {
      await start();
    },
    dispose: () => stackReset(dataFolder),
  };
}
