import { backoffDelayMs } from '@garam/runtime/backoff';
import type { Clock } from '@garam/runtime/clock';
import { LogError } from '@garam/eventlog/event-log';
import type { Cluster } from '../cluster/cluster.ts';
import { listOffsets, OLDEST } from '../read/partition-offsets.ts';
import { fetchExchange, type FetchedPartition } from '../wire/fetch-exchange.ts';
import { errorName, refusal } from '../wire/kafka-error.ts';
import type { RunningAssignment } from './running-assignment.ts';

export interface FetchLanesDeps {
  cluster: Cluster;
  clock: Clock;
  lane: string;
  running(): Iterable<RunningAssignment>;
  onError(error: unknown): void;
}

export interface FetchLanes {
  /** There may be something to fetch that there was not before. */
  wake(): void;
  stop(): void;
}

/** A request returns with the first byte, or after this time: how long a partition may wait to be asked for too. */
const LIMITS = { waitMs: 250, bytesMax: 1024 * 1024, partitionBytesMax: 256 * 1024 };
const BACKOFF = { baseMs: 100, maxMs: 2_000 };

/**
 * One Fetch per broker is on its way at a time, for all assigned partitions the broker leads that have room. Answers go
 * into the partitions' queues at once: a slow handler closes its own partition and holds up no other.
 */
export function createFetchLanes(deps: FetchLanesDeps): FetchLanes {
  const { cluster, clock } = deps;
  const busyNodes = new Set<number>();
  /** Partitions whose position is being looked at. */
  const outOfRange = new Set<RunningAssignment>();
  let isSearching = false;
  let isStopped = false;
  let isPlanned = false;
  let failures = 0;

  function wake(): void {
    if (isPlanned || isStopped) return;
    isPlanned = true;
    clock.endOfTurn(fetchAll);
  }

  function fetchAll(): void {
    isPlanned = false;
    if (isStopped) return;
    const byLeader = new Map<number, RunningAssignment[]>();
    const lost: RunningAssignment[] = [];
    for (const assignment of deps.running()) {
      if (!assignment.isOpen || outOfRange.has(assignment)) continue;
      const leader = cluster.leader(assignment.topic, assignment.partition);
      if (leader === undefined) lost.push(assignment);
      else if (!busyNodes.has(leader)) {
        const ofLeader = byLeader.get(leader);
        if (ofLeader === undefined) byLeader.set(leader, [assignment]);
        else ofLeader.push(assignment);
      }
    }
    for (const [node, assignments] of byLeader) void fetch(node, assignments);
    if (lost.length > 0) void findLeaders(lost);
  }

  async function fetch(node: number, assignments: readonly RunningAssignment[]): Promise<void> {
    busyNodes.add(node);
    try {
      const connection = cluster.live(node, deps.lane) ?? (await cluster.connect(node, deps.lane));
      const asked = new Map(assignments.map((each) => [`${each.topic}/${each.partition}`, each]));
      const positions = assignments.map(({ topic, partition, position }) => ({ topic, partition, offset: position }));
      const fetched = await connection.send(fetchExchange(positions, LIMITS));
      failures = 0;
      for (const each of fetched) take(asked.get(`${each.topic}/${each.partition}`), each);
    } catch (error) {
      await recover(error, assignments);
    }
    busyNodes.delete(node);
    fetchAll();
  }

  function take(assignment: RunningAssignment | undefined, fetched: FetchedPartition): void {
    if (assignment === undefined) return;
    const name = errorName(fetched.errorCode);
    if (name === undefined) assignment.push(fetched.records, fetched.nextOffset);
    else if (name === 'OFFSET_OUT_OF_RANGE') void findPosition(assignment);
    else throw refusal(name, `reading ${fetched.topic}/${fetched.partition}`);
  }

  async function recover(error: unknown, assignments: readonly RunningAssignment[]): Promise<void> {
    if (isStopped) return;
    deps.onError(error);
    await clock.sleep(backoffDelayMs(failures++, BACKOFF, clock.random));
    await cluster.refresh(topicsOf(assignments)).catch(() => undefined);
  }

  async function findLeaders(lost: readonly RunningAssignment[]): Promise<void> {
    if (isSearching) return;
    isSearching = true;
    try {
      await cluster.refresh(topicsOf(lost));
      const isFound = lost.some(({ topic, partition }) => cluster.leader(topic, partition) !== undefined);
      if (!isFound) throw refusal('LEADER_NOT_AVAILABLE', `reading ${topicsOf(lost).join(', ')}`);
    } catch (error) {
      await recover(error, lost);
    }
    isSearching = false;
    wake();
  }

  /** Goes on at the oldest record when retention was faster; holds, loudly, at a position beyond the end. */
  async function findPosition(assignment: RunningAssignment): Promise<void> {
    const { topic, partition, position } = assignment;
    outOfRange.add(assignment);
    try {
      const oldest = (await listOffsets(cluster, deps.lane, [assignment], OLDEST)).get(`${topic}/${partition}`) ?? -1;
      const text = `${topic}/${partition} has no offset ${position}`;
      if (position < oldest) {
        deps.onError(new LogError('unavailable', `${text}: records up to ${oldest} were lost by retention`));
        assignment.push([], oldest);
      } else {
        deps.onError(new LogError('unavailable', `${text} yet: waiting; if it stays, the topic was made anew`));
        await clock.sleep(BACKOFF.maxMs);
      }
    } catch (error) {
      await recover(error, [assignment]);
    }
    outOfRange.delete(assignment);
    wake();
  }

  return {
    wake,
    stop: () => void (isStopped = true),
  };
}

function topicsOf(assignments: readonly RunningAssignment[]): string[] {
  return [...new Set(assignments.map(({ topic }) => topic))];
}

