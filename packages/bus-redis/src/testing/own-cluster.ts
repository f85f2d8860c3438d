import { eventually } from './eventually.ts';
import { freePort, startOwnRedis, type OwnRedis } from './own-redis.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

/** A Redis Cluster of three masters; clients reach every node through a proxy, whose port the nodes announce. */
export interface OwnCluster {
  readonly url: string;
  readonly nodes: readonly OwnRedis[];
  readonly proxies: readonly TcpProxy[];
  /** Gives an empty slot to another node. */
  moveSlot(slot: number, from: number, to: number): Promise<void>;
  dispose(): Promise<void>;
}

const MASTERS = 3;
const SLOTS = 16_384;

export async function startOwnCluster(): Promise<OwnCluster> {
  const nodes: OwnRedis[] = [];
  const proxies: TcpProxy[] = [];
  for (let index = 0; index < MASTERS; index++) {
    const port = await freePort();
    const proxy = await startTcpProxy(port);
    proxies.push(proxy);
    const announced = ['--cluster-announce-ip', '127.0.0.1', '--cluster-announce-port', `${proxy.port}`];
    const enabled = ['--cluster-enabled', 'yes', '--cluster-announce-bus-port', `${port + 10_000}`];
    nodes.push(await startOwnRedis([...enabled, ...announced], port));
  }
  const dispose = async () => {
    for (const node of nodes) await node.dispose();
    for (const proxy of proxies) await proxy.close();
  };
  try {
    await join(nodes);
  } catch (error) {
    await dispose();
    throw error;
  }

  return {
    url: `redis://${proxies.map((proxy) => `127.0.0.1:${proxy.port}`).join(',')}?cluster=true`,
    nodes,
    proxies,
    async moveSlot(slot, from, to) {
      const source = String(await nodes[from]!.command('CLUSTER', 'MYID'));
      const target = String(await nodes[to]!.command('CLUSTER', 'MYID'));
      await nodes[to]!.command('CLUSTER', 'SETSLOT', slot, 'IMPORTING', source);
      await nodes[from]!.command('CLUSTER', 'SETSLOT', slot, 'MIGRATING', target);
      for (const node of [nodes[to]!, nodes[from]!, ...nodes]) {
        await node.command('CLUSTER', 'SETSLOT', slot, 'NODE', target);
      }
    },
    dispose,
  };
}

/** Makes one cluster of the nodes. */
async function join(nodes: readonly OwnRedis[]): Promise<void> {
  const share = Math.ceil(SLOTS / MASTERS);
  for (const [index, node] of nodes.entries()) {
    const last = Math.min(SLOTS, (index + 1) * share) - 1;
    await node.command('CLUSTER', 'ADDSLOTSRANGE', index * share, last);
    await node.command('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
  }
  for (const node of nodes.slice(1)) {
    await node.command('CLUSTER', 'MEET', '127.0.0.1', nodes[0]!.port, nodes[0]!.port + 10_000);
  }
  for (const node of nodes) await eventually(() => isWhole(node), 'the cluster is whole');
}

async function isWhole(node: OwnRedis): Promise<boolean> {
  const info = String(await node.command('CLUSTER', 'INFO'));
  return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${MASTERS}`);
}
