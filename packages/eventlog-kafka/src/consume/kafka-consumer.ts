import type { ConsumeOptions, Consumer } from '@garam/eventlog/event-log';
import { withDeadline } from '@garam/runtime/deadline';
import type { Clock } from '@garam/runtime/clock';
import type { Cluster } from '../cluster/cluster.ts';
import { committedOffsets } from '../read/committed-offsets.ts';
import { END, listOffsets, OLDEST, type PartitionRef } from '../read/partition-offsets.ts';
import { codeOf, STALE_COORDINATOR } from '../wire/kafka-error.ts';
import { createCommitQueue } from './commit-queue.ts';
import { createFetchLanes } from './fetch-lanes.ts';
import { createGroupMember } from './group-member.ts';
import { createGroupSession } from './group-session.ts';
import { createSeats, type PartitionPosition } from './seats.ts';

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

/** A member of a consumer group: joins, fetches, hands over, commits. */
export function startKafkaConsumer(options: ConsumeOptions, deps: KafkaConsumerDeps): Consumer {
  const { cluster, clock, onError } = deps;
  const { group, topics } = options;
  const lanes = { join: `join-${deps.name}`, group: `group-${deps.name}`, fetch: `fetch-${deps.name}` };
  const session = createGroupSession({
    cluster,
    group,
    topics,
    joinLane: lanes.join,
    lane: lanes.group,
    sessionTimeoutMs: deps.sessionTimeoutMs,
    rebalanceTimeoutMs: deps.rebalanceTimeoutMs,
  });
  const coordinator = async () => cluster.connect(await session.coordinator(), lanes.group);
  const commits = createCommitQueue({
    clock,
    group,
    generation: () => member.generation,
    coordinator,
    forgetCoordinator: session.forgetCoordinator,
    deadlineMs: deps.commitDeadlineMs,
  });
  const seats = createSeats({
    clock,
    assigned: options.assigned,
    positions,
    commit: commits.commit,
    wake: () => fetching.wake(),
    onError,
    handlerGraceMs: deps.handlerGraceMs,
  });
  const fetching = createFetchLanes({ cluster, clock, lane: lanes.fetch, running: seats.running, onError });
  let becomeReady = () => {};
  const ready = new Promise<void>((resolve) => (becomeReady = resolve));
  const drop = () => {
    seats.drop();
    commits.drop();
  };
  const member = createGroupMember({
    clock,
    session,
    heartbeatIntervalMs: deps.heartbeatIntervalMs,
    sessionTimeoutMs: deps.sessionTimeoutMs,
    owned: seats.owned,
    take: seats.take,
    release: seats.release,
    drop,
    settled: () => void seats.seated().then(becomeReady),
    onError,
  });
  const closeLanes = () => Object.values(lanes).forEach((lane) => cluster.closeLane(lane));
  const running = member.run().catch((error: unknown) => {
    fetching.stop();
    drop();
    closeLanes();
    deps.onDead(error);
  });

  async function positions(partitions: readonly PartitionRef[]): Promise<Map<string, PartitionPosition>> {
    const [committed, oldest, end] = await Promise.all([
      coordinator()
        .then((connection) => committedOffsets(connection, group, partitions))
        .catch((error: unknown) => {
          if (codeOf(error) === undefined || STALE_COORDINATOR.has(codeOf(error)!)) session.forgetCoordinator();
          throw error;
        }),
      listOffsets(cluster, lanes.group, partitions, OLDEST),
      listOffsets(cluster, lanes.group, partitions, END),
    ]);
    const found = new Map<string, PartitionPosition>();
    for (const [key, position] of committed) {
      found.set(key, { committed: position, oldest: oldest.get(key) ?? 0, end: end.get(key) ?? 0 });
    }
    return found;
  }

  /** Handlers end, their commits are made, and only then others may have the partitions. */
  async function stop(): Promise<void> {
    member.stop();
    fetching.stop();
    await seats.release(seats.owned());
    const farewell = commits.drained().then(() => session.leave());
    await withDeadline(farewell, FAREWELL_MS, clock, () => new Error('the farewell took too long')).catch(onError);
    commits.drop();
    closeLanes();
    await running;
    becomeReady();
  }

  let stopped: Promise<void> | undefined;
  return { ready: () => ready, stop: () => (stopped ??= stop()) };
}
