import { backoffDelayMs } from '@garam/runtime/backoff';
import type { Clock } from '@garam/runtime/clock';
import { LogError } from '@garam/eventlog/event-log';
import type { Cluster } from '../cluster/cluster.ts';
import { listOffsets, OLDEST } from '../read/partition-offsets.ts';
import { fetchExchange, type FetchedPartition } from '../wire/fetch-exchange.ts';
import { errorName, refusal, type KafkaError } from '../wire/kafka-error.ts';
import type { RunningAssignment } from './running-assignment.ts';

export interface FetchLanesDeps {
  cluster: Cluster;
  clock: Clock;
  lane: string;
  /** From the start of one request to a broker to the start of the next, at least, ms. */
  patienceMs: number;
  running(): Iterable<RunningAssignment>;
  onError(error: unknown): void;
}

/** A request returns with the first byte, or after this time: how long a partition may wait to be asked for too. */
const LIMITS = { waitMs: 250, bytesMax: 1024 * 1024, partitionBytesMax: 256 * 1024 };
const BACKOFF = { baseMs: 100, maxMs: 2_000 };

/**
 * One Fetch per broker is on its way at a time, for all assigned partitions the broker leads that have room. Answers go
 * into the partitions' queues at once: a slow handler closes its own partition and holds up no other.
 */
export class FetchLanes {
  readonly #deps: FetchLanesDeps;
  readonly #busyNodes = new Set<number>();
  /** Partitions whose position is being looked at. */
  readonly #outOfRange = new Set<RunningAssignment>();
  #isSearching = false;
  #isStopped = false;
  #isPlanned = false;
  #failures = 0;

  constructor(deps: FetchLanesDeps) {
    this.#deps = deps;
  }

  /** There may be something to fetch that there was not before. */
  wake(): void {
    if (this.#isPlanned || this.#isStopped) return;
    this.#isPlanned = true;
    this.#deps.clock.endOfTurn(() => this.#fetchAll());
  }

  stop(): void {
    this.#isStopped = true;
  }

  #fetchAll(): void {
    this.#isPlanned = false;
    if (this.#isStopped) return;
    const byLeader = new Map<number, RunningAssignment[]>();
    const lost: RunningAssignment[] = [];
    for (const assignment of this.#deps.running()) {
      if (!assignment.isOpen || this.#outOfRange.has(assignment)) continue;
      const leader = this.#deps.cluster.leader(assignment.topic, assignment.partition);
      if (leader === undefined) lost.push(assignment);
      else if (!this.#busyNodes.has(leader)) {
        const ofLeader = byLeader.get(leader);
        if (ofLeader === undefined) byLeader.set(leader, [assignment]);
        else ofLeader.push(assignment);
      }
    }
    for (const [node, assignments] of byLeader) void this.#fetch(node, assignments);
    if (lost.length > 0) void this.#findLeaders(lost);
  }

  async #fetch(node: number, assignments: readonly RunningAssignment[]): Promise<void> {
    this.#busyNodes.add(node);
    const { cluster, clock, lane, patienceMs } = this.#deps;
    const nextAt = clock.monotonic() + patienceMs;
    try {
      const connection = cluster.live(node, lane) ?? (await cluster.connect(node, lane));
      const asked = new Map(assignments.map((each) => [`${each.topic}/${each.partition}`, each]));
      const positions = assignments.map(({ topic, partition, position }) => ({ topic, partition, offset: position }));
      const fetched = await connection.send(fetchExchange(positions, LIMITS));
      const failed = fetched.map((each) => this.#take(asked.get(`${each.topic}/${each.partition}`), each));
      const error = failed.find((each) => each !== undefined);
      if (error !== undefined) throw error;
      this.#failures = 0;
    } catch (error) {
      await this.#recover(error, assignments);
    }
    const restMs = patienceMs > 0 ? nextAt - clock.monotonic() : 0;
    if (restMs > 0 && !this.#isStopped) await clock.sleep(restMs);
    this.#busyNodes.delete(node);
    this.#fetchAll();
  }

  #take(assignment: RunningAssignment | undefined, fetched: FetchedPartition): KafkaError | undefined {
    if (assignment === undefined) return undefined;
    const name = errorName(fetched.errorCode);
    if (name === undefined) assignment.push(fetched.records, fetched.nextOffset);
    else if (name === 'OFFSET_OUT_OF_RANGE') void this.#findPosition(assignment);
    else return refusal(name, `reading ${fetched.topic}/${fetched.partition}`);
    return undefined;
  }

  async #recover(trouble: unknown, assignments: readonly RunningAssignment[]): Promise<void> {
    if (this.#isStopped) return;
    this.#deps.onError(trouble);
    await this.#deps.clock.sleep(backoffDelayMs(this.#failures++, BACKOFF, this.#deps.clock.random));
    await this.#deps.cluster.refresh(topicsOf(assignments)).catch(() => undefined);
  }

  async #findLeaders(lost: readonly RunningAssignment[]): Promise<void> {
    if (this.#isSearching) return;
    this.#isSearching = true;
    try {
      await this.#deps.cluster.refresh(topicsOf(lost));
      const isFound = lost.some(({ topic, partition }) => this.#deps.cluster.leader(topic, partition) !== undefined);
      if (!isFound) throw refusal('LEADER_NOT_AVAILABLE', `reading ${topicsOf(lost).join(', ')}`);
    } catch (error) {
      await this.#recover(error, lost);
    }
    this.#isSearching = false;
    this.wake();
  }

  /** Goes on at the oldest record when retention was faster; holds, loudly, at a position beyond the end. */
  async #findPosition(assignment: RunningAssignment): Promise<void> {
    const { topic, partition, position } = assignment;
    this.#outOfRange.add(assignment);
    try {
      const offsets = await listOffsets(this.#deps.cluster, this.#deps.lane, [assignment], OLDEST);
      const oldest = offsets.get(`${topic}/${partition}`) ?? -1;
      const text = `${topic}/${partition} has no offset ${position}`;
      if (position < oldest) {
        this.#deps.onError(new LogError('unavailable', `${text}: records up to ${oldest} were lost by retention`));
        assignment.push([], oldest);
      } else {
        this.#deps.onError(new LogError('unavailable', `${text} yet: waiting; if it stays, the topic was made anew`));
        await this.#deps.clock.sleep(BACKOFF.maxMs);
      }
    } catch (error) {
      await this.#recover(error, [assignment]);
    }
    this.#outOfRange.delete(assignment);
    this.wake();
  }
}

function topicsOf(assignments: readonly RunningAssignment[]): string[] {
  return [...new Set(assignments.map(({ topic }) => topic))];
}
