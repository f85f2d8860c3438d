import { createCoarseTimers, type CoarseTimers } from '@garam/runtime/coarse-timers';
import type { KafkaOptions } from '../kafka-options.ts';
import { errorName, KafkaError, refusal } from '../wire/kafka-error.ts';
import { metadataExchange, type ClusterMetadata, type TopicMetadata } from '../wire/metadata-exchange.ts';
import { openConnection, type BrokerConnection } from './open-connection.ts';

const CONTROL_LANE = 'control';

/**
 * What this process knows of the cluster, and its connections. A lane is a name for a connection of one's own to each
 * broker: a broker serves one request of a connection at a time, so whoever waits long (fetches, joins) needs its own.
 */
export class Cluster {
  readonly #options: KafkaOptions;
  readonly #timers: CoarseTimers;
  readonly #connections = new Map<string, Promise<BrokerConnection>>();
  readonly #opened = new Map<string, BrokerConnection>();
  readonly #addresses = new Map<number, string>();
  readonly #topics = new Map<string, TopicMetadata>();
  readonly #leaders = new Map<string, (number | undefined)[]>();
  readonly #wanted = new Set<string>();
  #clusterId = '';
  #refreshing: { topics: ReadonlySet<string>; done: Promise<void> } | undefined;
  #isClosed = false;

  constructor(options: KafkaOptions) {
    this.#options = options;
    this.#timers = createCoarseTimers(options.clock);
  }

  get clusterId(): string {
    return this.#clusterId;
  }

  /** Node that leads the partition as far as known; asks nobody. */
  leader(topic: string, partition: number): number | undefined {
    return this.#leaders.get(topic)?.[partition];
  }

  /** As known; undefined for a topic nobody asked for or that is not there. */
  topic(name: string): TopicMetadata | undefined {
    return this.#topics.get(name);
  }

  /** An open connection to the node, if there is one. */
  live(node: number, lane: string): BrokerConnection | undefined {
    const address = this.#addresses.get(node);
    return address === undefined ? undefined : this.#liveAt(`${lane} ${address}`);
  }

  /** Ends the lane's connections. */
  closeLane(lane: string): void {
    this.#closeWhere((key) => key.startsWith(`${lane} `));
  }

  close(): void {
    this.#isClosed = true;
    this.#closeWhere(() => true);
    this.#timers.stop();
  }

  #openAt(address: string, lane: string): Promise<BrokerConnection> {
    if (this.#isClosed) return Promise.reject(new KafkaError('not_sent', 'the log is closed'));
    const key = `${lane} ${address}`;
    const live = this.#liveAt(key);
    if (live !== undefined) return Promise.resolve(live);
    const underWay = this.#connections.get(key);
    if (underWay !== undefined) return underWay;
    const opening = openConnection(address, { options: this.#options, timers: this.#timers }).then((connection) => {
      if (this.#connections.get(key) !== opening) {
        connection.close();
        throw new KafkaError('not_sent', 'the connection is no longer wanted');
      }
      this.#connections.delete(key);
      this.#opened.set(key, connection);
      return connection;
    });
    this.#connections.set(key, opening);
    opening.catch(() => {
      if (this.#connections.get(key) === opening) this.#connections.delete(key);
    });
    return opening;
  }

  #liveAt(key: string): BrokerConnection | undefined {
    const connection = this.#opened.get(key);
    if (connection === undefined || connection.isOpen) return connection;
    this.#opened.delete(key);
    return undefined;
  }

  /** An open connection to the node, opened if need be. @throws KafkaError */
  async connect(node: number, lane: string): Promise<BrokerConnection> {
    const address = this.#addresses.get(node);
    if (address === undefined) throw new KafkaError('not_sent', `broker ${node} is not known`);
    return this.#openAt(address, lane);
  }

  /** A connection to any broker. @throws KafkaError */
  async any(lane: string): Promise<BrokerConnection> {
    const known = [...new Set([...this.#addresses.values(), ...this.#options.brokers])];
    const live = known.find((address) => this.#liveAt(`${lane} ${address}`) !== undefined);
    if (live !== undefined) return this.#openAt(live, lane);
    const first = Math.floor(this.#options.clock.random() * known.length);
    let last: unknown;
    for (let index = 0; index < known.length; index++) {
      try {
        return await this.#openAt(known[(first + index) % known.length]!, lane);
      } catch (error) {
        last = error;
      }
    }
    throw last;
  }

  /** Names of all topics there are. @throws KafkaError */
  async topicNames(): Promise<string[]> {
    const connection = await this.any(CONTROL_LANE);
    const { topics } = await connection.send(metadataExchange(null));
    return topics.map(({ name }) => name);
  }

  async #readMetadata(names: readonly string[]): Promise<void> {
    const connection = await this.any(CONTROL_LANE);
    this.#learn(await connection.send(metadataExchange(names)));
  }

  #learn(metadata: ClusterMetadata): void {
    this.#clusterId = metadata.clusterId;
    this.#addresses.clear();
    for (const { id, host, port } of metadata.brokers) this.#addresses.set(id, `${host}:${port}`);
    for (const topic of metadata.topics) {
      if (topic.errorCode !== 0) {
        this.#topics.delete(topic.name);
        this.#leaders.delete(topic.name);
        continue;
      }
      this.#topics.set(topic.name, topic);
      const byPartition: (number | undefined)[] = [];
      for (const { partition, leader } of topic.partitions) byPartition[partition] = leader < 0 ? undefined : leader;
      this.#leaders.set(topic.name, byPartition);
    }
  }

  /** Asks a broker about these topics and all known ones. Calls at the same time share one request. @throws KafkaError */
  async refresh(names: readonly string[]): Promise<void> {
    const running = this.#refreshing;
    if (running !== undefined) {
      if (names.every((name) => running.topics.has(name))) return running.done;
      await running.done.catch(() => undefined);
      return this.refresh(names);
    }
    for (const name of names) this.#wanted.add(name);
    const asked = new Set(this.#wanted);
    const done = this.#readMetadata([...asked]).finally(() => (this.#refreshing = undefined));
    this.#refreshing = { topics: asked, done };
    return done;
  }

  /** Node that coordinates the group. @throws KafkaError */
  async coordinator(group: string): Promise<number> {
    const connection = await this.any(CONTROL_LANE);
    type Answer = { errorCode: number; coordinator: { nodeId: number } };
    const answer = await connection.call<Answer>('GroupCoordinator', { groupId: group });
    const error = errorName(answer.errorCode);
    if (error !== undefined) throw refusal(error, `finding the coordinator of ${group}`);
    if (!this.#addresses.has(answer.coordinator.nodeId)) await this.refresh([]);
    return answer.coordinator.nodeId;
  }

  #closeWhere(isWanted: (key: string) => boolean): void {
    for (const key of [...this.#connections.keys()].filter(isWanted)) this.#connections.delete(key);
    for (const [key, connection] of this.#opened) {
      if (!isWanted(key)) continue;
      this.#opened.delete(key);
      connection.close();
    }
  }
}
