import { createCoarseTimers } from '@garam/runtime/coarse-timers';
import type { KafkaOptions } from '../kafka-options.ts';
import { errorName, KafkaError, refusal } from '../wire/kafka-error.ts';
import { metadataExchange, type ClusterMetadata, type TopicMetadata } from '../wire/metadata-exchange.ts';
import { openConnection, type BrokerConnection } from './open-connection.ts';

/**
 * What this process knows of the cluster, and its connections. A lane is a name for a connection of one's own to each
 * broker: a broker serves one request of a connection at a time, so whoever waits long (fetches, joins) needs its own.
 */
export interface Cluster {
  /** Node that leads the partition as far as known; asks nobody. */
  leader(topic: string, partition: number): number | undefined;
  /** As known; undefined for a topic nobody asked for or that is not there. */
  topic(name: string): TopicMetadata | undefined;
  readonly clusterId: string;
  /** Asks a broker about these topics and all known ones. Calls at the same time share one request. @throws KafkaError */
  refresh(topics: readonly string[]): Promise<void>;
  /** An open connection to the node, if there is one. */
  live(node: number, lane: string): BrokerConnection | undefined;
  /** An open connection to the node, opened if need be. @throws KafkaError */
  connect(node: number, lane: string): Promise<BrokerConnection>;
  /** A connection to any broker. @throws KafkaError */
  any(lane: string): Promise<BrokerConnection>;
  /** Node that coordinates the group. @throws KafkaError */
  coordinator(group: string): Promise<number>;
  /** Ends the lane's connections. */
  closeLane(lane: string): void;
  close(): void;
}

const CONTROL_LANE = 'control';

export function createCluster(options: KafkaOptions): Cluster {
  const timers = createCoarseTimers(options.clock);
  const connections = new Map<string, Promise<BrokerConnection>>();
  const opened = new Map<string, BrokerConnection>();
  const addresses = new Map<number, string>();
  const topics = new Map<string, TopicMetadata>();
  const leaders = new Map<string, (number | undefined)[]>();
  const wanted = new Set<string>();
  let clusterId = '';
  let refreshing: { topics: ReadonlySet<string>; done: Promise<void> } | undefined;
  let isClosed = false;

  function openAt(address: string, lane: string): Promise<BrokerConnection> {
    if (isClosed) return Promise.reject(new KafkaError('not_sent', 'the log is closed'));
    const key = `${lane} ${address}`;
    const live = liveAt(key);
    if (live !== undefined) return Promise.resolve(live);
    const underWay = connections.get(key);
    if (underWay !== undefined) return underWay;
    const opening = openConnection(address, { options, timers }).then((connection) => {
      if (connections.get(key) !== opening) {
        connection.close();
        throw new KafkaError('not_sent', 'the connection is no longer wanted');
      }
      connections.delete(key);
      opened.set(key, connection);
      return connection;
    });
    connections.set(key, opening);
    opening.catch(() => {
      if (connections.get(key) === opening) connections.delete(key);
    });
    return opening;
  }

  function liveAt(key: string): BrokerConnection | undefined {
    const connection = opened.get(key);
    if (connection === undefined || connection.isOpen) return connection;
    opened.delete(key);
    return undefined;
  }

  async function connect(node: number, lane: string): Promise<BrokerConnection> {
    const address = addresses.get(node);
    if (address === undefined) throw new KafkaError('not_sent', `broker ${node} is not known`);
    return openAt(address, lane);
  }

  async function any(lane: string): Promise<BrokerConnection> {
    const known = [...new Set([...addresses.values(), ...options.brokers])];
    const live = known.find((address) => liveAt(`${lane} ${address}`) !== undefined);
    if (live !== undefined) return openAt(live, lane);
    const first = Math.floor(options.clock.random() * known.length);
    let last: unknown;
    for (let index = 0; index < known.length; index++) {
      try {
        return await openAt(known[(first + index) % known.length]!, lane);
      } catch (error) {
        last = error;
      }
    }
    throw last;
  }

  async function readMetadata(names: readonly string[]): Promise<void> {
    const connection = await any(CONTROL_LANE);
    learn(await connection.send(metadataExchange(names)));
  }

  function learn(metadata: ClusterMetadata): void {
    clusterId = metadata.clusterId;
    addresses.clear();
    for (const { id, host, port } of metadata.brokers) addresses.set(id, `${host}:${port}`);
    for (const topic of metadata.topics) {
      if (topic.errorCode !== 0) {
        topics.delete(topic.name);
        leaders.delete(topic.name);
        continue;
      }
      topics.set(topic.name, topic);
      const byPartition: (number | undefined)[] = [];
      for (const { partition, leader } of topic.partitions) byPartition[partition] = leader < 0 ? undefined : leader;
      leaders.set(topic.name, byPartition);
    }
  }

  async function refresh(names: readonly string[]): Promise<void> {
    const running = refreshing;
    if (running !== undefined) {
      if (names.every((name) => running.topics.has(name))) return running.done;
      await running.done.catch(() => undefined);
      return refresh(names);
    }
    for (const name of names) wanted.add(name);
    const asked = new Set(wanted);
    const done = readMetadata([...asked]).finally(() => (refreshing = undefined));
    refreshing = { topics: asked, done };
    return done;
  }

  async function coordinator(group: string): Promise<number> {
    const connection = await any(CONTROL_LANE);
    type Answer = { errorCode: number; coordinator: { nodeId: number } };
    const answer = await connection.call<Answer>('GroupCoordinator', { groupId: group });
    const error = errorName(answer.errorCode);
    if (error !== undefined) throw refusal(error, `finding the coordinator of ${group}`);
    if (!addresses.has(answer.coordinator.nodeId)) await refresh([]);
    return answer.coordinator.nodeId;
  }

  function closeWhere(isWanted: (key: string) => boolean): void {
    for (const key of [...connections.keys()].filter(isWanted)) connections.delete(key);
    for (const [key, connection] of opened) {
      if (!isWanted(key)) continue;
      opened.delete(key);
      connection.close();
    }
  }

  return {
    leader: (topic, partition) => leaders.get(topic)?.[partition],
    topic: (name) => topics.get(name),
    get clusterId() {
      return clusterId;
    },
    refresh,
    live: (node, lane) => {
      const address = addresses.get(node);
      return address === undefined ? undefined : liveAt(`${lane} ${address}`);
    },
    connect,
    any,
    coordinator,
    closeLane: (lane) => closeWhere((key) => key.startsWith(`${lane} `)),
    close() {
      isClosed = true;
      closeWhere(() => true);
      timers.stop();
    },
  };
}
