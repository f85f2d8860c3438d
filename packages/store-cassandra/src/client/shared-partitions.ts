import type { Client } from 'cassandra-driver';

/** Beyond so many Cassandra warns of every batch (`unlogged_batch_across_partitions_warn_threshold`). */
const PARTITIONS_MAX = 10;

/**
 * How many partitions a batch may span. Where every node of the data centre has every row, any of them is the right
 * one for all, and rows that share a statement cost a third; else each partition goes to its own nodes.
 */
export function partitionsPerBatch(client: Client, { keyspace, localDataCenter }: Place): number {
  // The driver's types leave the options out.
  type Known = { strategyOptions?: Readonly<Record<string, string>> };
  const { strategyOptions } = (client.metadata.keyspaces[keyspace] ?? {}) as Known;
  const copies = Number(strategyOptions?.[localDataCenter] ?? 0);
  let nodes = 0;
  client.hosts.forEach(({ datacenter }) => {
    if (datacenter === localDataCenter) nodes++;
  });
  return nodes > 0 && nodes <= copies ? PARTITIONS_MAX : 1;
}

interface Place {
  keyspace: string;
  localDataCenter: string;
}
