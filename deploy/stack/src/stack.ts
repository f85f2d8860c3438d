import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cassandraServers } from './cassandra-server.ts';
import { kafkaServers } from './kafka-server.ts';
import { redisServers } from './redis-server.ts';
import { requireCommand, serverFiles } from './server-files.ts';
import { runningPid, startServer, stopServer } from './server-process.ts';
import type { ServerSpec } from './server-spec.ts';
import type { StackOptions } from './stack-options.ts';

/** Where a stack's servers are: values for GARAM_LOG, GARAM_STORE and GARAM_BUS. */
export interface StackAddresses {
  log?: string;
  store?: string;
  bus?: string;
}

/** Offsets from its port base that a stack may use: brokers, controllers, Cassandra, Redis. */
export const SERVER_PORT_OFFSETS = [0, 1, 2, 50, 51, 52, 100, 101, 200];

/** The same with what services need to know, under their variables' names: what missing topics and tables shall be like. */
export function adapterUrls({ log, store, bus }: StackAddresses, options: StackOptions): Record<string, string> {
  const copies = Math.min(3, options.kafka);
  const kafka = `partitions=${options.partitions}&replication=${copies}&insync=${Math.max(1, copies - 1)}`;
  const cassandra = `dc=datacenter1&replication=${Math.min(3, options.cassandra)}`;
  return {
    ...(log === undefined ? {} : { GARAM_LOG: `${log}?${kafka}` }),
    ...(store === undefined ? {} : { GARAM_STORE: `${store}?${cassandra}` }),
    ...(bus === undefined ? {} : { GARAM_BUS: bus }),
  };
}

/** Starts what does not run yet, all servers at once, and waits until they serve. */
export async function stackUp(options: StackOptions): Promise<StackAddresses> {
  mkdirSync(options.dataFolder, { recursive: true });
  const specs = await describeServers(options);
  await Promise.all(
    Object.values(specs)
      .flat()
      .map((spec) => startServer(spec, options)),
  );
  return addressesOf(specs);
}

/** Stops every server that was started from this data folder. */
export async function stackDown(dataFolder: string): Promise<void> {
  await Promise.all(serverFolders(dataFolder).map((folder) => stopServer(folder)));
}

/** Stops the servers and removes their data. */
export async function stackReset(dataFolder: string): Promise<void> {
  await stackDown(dataFolder);
  rmSync(dataFolder, { recursive: true, force: true });
}

export interface ServerStatus {
  name: string;
  pid: number | undefined;
}

export function stackStatus(dataFolder: string): ServerStatus[] {
  return serverFolders(dataFolder).map((folder) => ({ name: folder.split('/').at(-1)!, pid: runningPid(folder) }));
}

interface Servers {
  kafka: ServerSpec[];
  cassandra: ServerSpec[];
  redis: ServerSpec[];
}

async function describeServers(options: StackOptions): Promise<Servers> {
  // One Maven at a time: two share a local repository that neither locks.
  const kafka = options.kafka > 0 ? await kafkaServers(await serverFiles('kafka', options.cacheFolder), options) : [];
  const cassandra =
    options.cassandra > 0 ? cassandraServers(await serverFiles('cassandra', options.cacheFolder), options) : [];
  if (options.redis > 0) await requireCommand('redis-server', ['--version'], 'apt-get install redis-server');
  return { kafka, cassandra, redis: redisServers(options) };
}

function addressesOf({ kafka, cassandra, redis }: Servers): StackAddresses {
  const list = (specs: readonly ServerSpec[]) => specs.map(({ address }) => address).join(',');
  return {
    ...(kafka.length > 0 ? { log: `kafka://${list(kafka)}` } : {}),
    ...(cassandra.length > 0 ? { store: `cassandra://${list(cassandra)}/garam` } : {}),
    ...(redis.length > 0 ? { bus: `redis://${list(redis)}` } : {}),
  };
}

function serverFolders(dataFolder: string): string[] {
  if (!existsSync(dataFolder)) return [];
  return readdirSync(dataFolder)
    .filter((name) => /^(kafka|cassandra|redis)-\d+$/.test(name))
    .map((name) => join(dataFolder, name));
}
