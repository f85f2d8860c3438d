import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServiceName } from '@garam/cluster/cluster-options';
import { removeCluster, startCluster } from '@garam/cluster/start-cluster';
import type { Cluster } from '@garam/cluster/start-cluster';
import { defaultCacheFolder } from '@garam/stack/stack-options';
import { signedTokens } from '@garam/tests-driver/dev-token';
import type { TokenSource } from '@garam/tests-driver/dev-token';
import { createRandom } from '@garam/tests-driver/random';
import type { Random } from '@garam/tests-driver/random';
import { ChatClient } from '../chat-client.ts';
import { createChats } from '../create-chats.ts';
import type { CrashChat } from '../create-chats.ts';
import { startLoad } from '../load.ts';
import type { Load } from '../load.ts';
import { emptyTally } from '../tally.ts';
import type { Tally } from '../tally.ts';

export interface WorldOptions {
  clients: number;
  ratePerSecond: number;
  seed: number;
  counts: Record<ServiceName, number>;
}

/** A cluster under load: people at its gateways who send, retry and watch. */
export interface ClusterWorld {
  cluster: Cluster;
  dataFolder: string;
  random: Random;
  tokens: TokenSource;
  tally: Tally;
  chats: readonly CrashChat[];
  clients: readonly ChatClient[];
  load: Load;
  close(): Promise<void>;
}

/** Two of everything that consumers share, so that there is always another one to take over. */
export const TWO_OF_EACH: Record<ServiceName, number> = {
  gateway: 2,
  api: 1,
  sequencer: 2,
  persister: 2,
  fanout: 2,
  receipts: 2,
};

/** Starts the cluster, makes the chats, and lets everybody send. Nothing runs when it fails. */
export async function openWorld(options: WorldOptions): Promise<ClusterWorld> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'garam-crash-cluster-'));
  const forget = endTogether(dataFolder);
  const cluster = await startCluster({
    counts: options.counts,
    edges: [],
    servers: { kafka: 1, cassandra: 1, redis: 1, partitions: 8, cacheFolder: defaultCacheFolder() },
    dataFolder,
    environment: { GARAM_LIMITS: 'off' },
  });
  try {
    const world = await populate(cluster, dataFolder, options);
    return { ...world, close: () => world.close().finally(forget) };
  } catch (error) {
    await removeCluster(dataFolder);
    throw error;
  }
}

/** Whoever ends this process ends the cluster with it. Returns how to take that back. */
function endTogether(dataFolder: string): () => void {
  const end = (): void => {
    void removeCluster(dataFolder).finally(() => process.exit(1));
  };
  process.once('SIGINT', end).once('SIGTERM', end);
  return () => void process.off('SIGINT', end).off('SIGTERM', end);
}

async function populate(cluster: Cluster, dataFolder: string, options: WorldOptions): Promise<ClusterWorld> {
  const random = createRandom(options.seed);
  const tokens = signedTokens(cluster.jwtSecret);
  const tally = emptyTally();
  const gateways = cluster.gateways();
  const users = Array.from({ length: options.clients }, (_, i) => `user${i}`);
  const chats = await createChats(gateways[0]!, tokens, users, random);
  const clients = users.map((user, index) => {
    const mine = chats.filter(({ members }) => members.includes(user));
    return new ChatClient({
      urls: gateways.map((_, i) => gateways[(i + index) % gateways.length]!),
      user,
      tokens,
      tally,
      random: createRandom(random.integer(2 ** 32)),
      chats: mine.map(({ chat, start }) => ({ chat, seq: start.seq, rev: start.rev })),
    });
  });
  for (const client of clients) client.start();
  const load = startLoad(clients, chats, options.ratePerSecond, createRandom(random.integer(2 ** 32)));
  const close = async (): Promise<void> => {
    load.stop();
    await Promise.all(clients.map((client) => client.stop()));
    await removeCluster(dataFolder);
  };
  return { cluster, dataFolder, random, tokens, tally, chats, clients, load, close };
}
