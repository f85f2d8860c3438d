import type { ConsumeOptions, Consumer } from '@garam/eventlog/event-log';
import { withDeadline } from '@garam/runtime/deadline';
import type { Clock } from '@garam/runtime/clock';
import type { Cluster } from '../cluster/cluster.ts';
import type { BrokerConnection } from '../cluster/open-connection.ts';
import { committedOffsets } from '../read/committed-offsets.ts';
import { END, listOffsets, OLDEST, type PartitionRef } from '../read/partition-offsets.ts';
import { codeOf, STALE_COORDINATOR } from '../wire/kafka-error.ts';
import { CommitQueue } from './commit-queue.ts';
import { FetchLanes } from './fetch-lanes.ts';
import { createGroupMember, type GroupMember } from './group-member.ts';
import { GroupSession } from './group-session.ts';
import { Seats, type PartitionPosition } from './seats.ts';

export interface KafkaConsumerDeps {
  cluster: Cluster;
  clock: Clock;
  /** Different for each consumer of the log: it has its own connections. */
  name: string;
  sessionTimeoutMs: number;
  heartbeatIntervalMs: number;
  rebalanceTimeoutMs: number;
  handlerGraceMs: number;
  commitDeadlineMs: number;
  onError(error: unknown): void;
  /** It will never hand over anything again. */
  onDead(error: unknown): void;
}

const FAREWELL_MS = 2_000;

/** A member of a consumer group: joins, fetches, hands over, commits. Starts at once. */
export class KafkaConsumer implements Consumer {
  readonly #deps: KafkaConsumerDeps;
  readonly #options: ConsumeOptions;
  readonly #lanes: { join: string; group: string; fetch: string };
  readonly #session: GroupSession;
  readonly #commits: CommitQueue;
  readonly #seats: Seats;
  readonly #fetching: FetchLanes;
  readonly #member: GroupMember;
  readonly #running: Promise<void>;
  readonly #ready = Promise.withResolvers<void>();
  #stopped: Promise<void> | undefined;

  constructor(options: ConsumeOptions, deps: KafkaConsumerDeps) {
    const { cluster, clock, name, onError } = deps;
    const { group, topics } = options;
    this.#deps = deps;
    this.#options = options;
    this.#lanes = { join: `join-${name}`, group: `group-${name}`, fetch: `fetch-${name}` };
    this.#session = new GroupSession({ ...deps, group, topics, joinLane: this.#lanes.join, lane: this.#lanes.group });
    this.#commits = new CommitQueue({
      clock,
      group,
      generation: () => this.#member.generation,
      coordinator: () => this.#coordinator(),
      forgetCoordinator: () => this.#session.forgetCoordinator(),
      deadlineMs: deps.commitDeadlineMs,
    });
    this.#seats = new Seats({
      clock,
      assigned: options.assigned,
      positions: (partitions) => this.#positions(partitions),
      commit: (partition, nextOffset) => this.#commits.commit(partition, nextOffset),
      wake: () => this.#fetching.wake(),
      onError,
      handlerGraceMs: deps.handlerGraceMs,
    });
    const running = () => this.#seats.running();
    this.#fetching = new FetchLanes({
      cluster,
      clock,
      lane: this.#lanes.fetch,
      patienceMs: options.patienceMs ?? 0,
      running,
      onError,
    });
    this.#member = this.#createMember();
    this.#running = this.#run();
  }

  ready(): Promise<void> {
    return this.#ready.promise;
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  #createMember(): GroupMember {
    const { clock, heartbeatIntervalMs, sessionTimeoutMs, onError } = this.#deps;
    return createGroupMember({
      clock,
      session: this.#session,
      heartbeatIntervalMs,
      sessionTimeoutMs,
      owned: () => this.#seats.owned(),
      take: (partitions) => this.#seats.take(partitions),
      release: (partitions) => this.#seats.release(partitions),
      drop: () => this.#drop(),
      settled: () => void this.#seats.seated().then(this.#ready.resolve),
      onError,
    });
  }

  async #run(): Promise<void> {
    try {
      await this.#member.run();
    } catch (error) {
      this.#fetching.stop();
      this.#drop();
      this.#closeLanes();
      this.#deps.onDead(error);
    }
  }

  /** Handlers end, their commits are made, and only then others may have the partitions. */
  async #stop(): Promise<void> {
    const { clock, onError } = this.#deps;
    this.#member.stop();
    this.#fetching.stop();
    await this.#seats.release(this.#seats.owned());
    const farewell = this.#commits.drained().then(() => this.#session.leave());
    await withDeadline(farewell, FAREWELL_MS, clock, () => new Error('the farewell took too long')).catch(onError);
    this.#commits.drop();
    this.#closeLanes();
    await this.#running;
    this.#ready.resolve();
  }

  #drop(): void {
    this.#seats.drop();
    this.#commits.drop();
  }

  #closeLanes(): void {
    for (const lane of Object.values(this.#lanes)) this.#deps.cluster.closeLane(lane);
  }

  async #coordinator(): Promise<BrokerConnection> {
    return this.#deps.cluster.connect(await this.#session.coordinator(), this.#lanes.group);
  }

  async #positions(partitions: readonly PartitionRef[]): Promise<Map<string, PartitionPosition>> {
    const { cluster } = this.#deps;
    const [committed, oldest, end] = await Promise.all([
      this.#committed(partitions),
      listOffsets(cluster, this.#lanes.group, partitions, OLDEST),
      listOffsets(cluster, this.#lanes.group, partitions, END),
    ]);
    const found = new Map<string, PartitionPosition>();
    for (const [key, position] of committed) {
      found.set(key, { committed: position, oldest: oldest.get(key) ?? 0, end: end.get(key) ?? 0 });
    }
    return found;
  }

  async #committed(partitions: readonly PartitionRef[]): Promise<Map<string, number>> {
    try {
      return await committedOffsets(await this.#coordinator(), this.#options.group, partitions);
    } catch (error) {
      const code = codeOf(error);
      if (code === undefined || STALE_COORDINATOR.has(code)) this.#session.forgetCoordinator();
      throw error;
    }
  }
}
