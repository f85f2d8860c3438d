import { LogError, type LogRecord } from '@garam/eventlog/event-log';
import type { Clock } from '@garam/runtime/clock';
import type { Cluster } from '../cluster/cluster.ts';
import { fetchExchange, type FetchedPartition, type FetchPosition } from '../wire/fetch-exchange.ts';
import { codeOf, errorName, KafkaError, refusal, STALE_LEADER } from '../wire/kafka-error.ts';
import { listOffsets, OLDEST } from './partition-offsets.ts';

export interface ReadQueueDeps {
  cluster: Cluster;
  clock: Clock;
  /** Reads that may wait at most. */
  readsWaitingMax: number;
  /** Until a read that cannot be done gives up, ms. */
  deadlineMs: number;
}

interface WaitingRead extends FetchPosition {
  resolve(records: LogRecord[]): void;
  reject(error: unknown): void;
}

const LANE = 'read';
const LIMITS = { waitMs: 0, bytesMax: 4 * 1024 * 1024, partitionBytesMax: 1024 * 1024 };
const RETRY_MS = 100;

/**
 * Reading without a group. Reads called in one turn, or while a request is on its way, go together in one Fetch per
 * broker that does not wait for new records: following all partitions by polling costs one request per broker and poll.
 */
export class ReadQueue {
  readonly #deps: ReadQueueDeps;
  #waiting: WaitingRead[] = [];
  #readsWaiting = 0;
  #isPlanned = false;
  readonly #busyNodes = new Set<number>();

  constructor(deps: ReadQueueDeps) {
    this.#deps = deps;
  }

  /** As `EventLog.read`. @throws KafkaError, LogError */
  async read(topic: string, partition: number, offset: number, max: number): Promise<LogRecord[]> {
    const { cluster, clock } = this.#deps;
    const dueMs = clock.monotonic() + this.#deps.deadlineMs;
    let from: number | undefined = offset;
    while (from !== undefined) {
      try {
        if (cluster.leader(topic, partition) === undefined) await cluster.refresh([topic]);
        const records = await this.#enqueue({ topic, partition, offset: from });
        return records.length > max ? records.slice(0, max) : records;
      } catch (error) {
        const isOver = clock.monotonic() + RETRY_MS > dueMs;
        from = await this.#offsetAfter(error, { topic, partition, offset: from, isOver });
      }
    }
    return [];
  }

  /** Where to try again after an error; undefined when there is nothing to read. @throws the error when that is no use */
  async #offsetAfter(trouble: unknown, at: FetchPosition & { isOver: boolean }): Promise<number | undefined> {
    const { cluster, clock } = this.#deps;
    const { topic, partition, offset, isOver } = at;
    if (codeOf(trouble) === 'OFFSET_OUT_OF_RANGE') {
      const oldest = (await listOffsets(cluster, LANE, [{ topic, partition }], OLDEST)).get(`${topic}/${partition}`);
      return oldest !== undefined && offset < oldest ? oldest : undefined;
    }
    if (isOver || !isWorthRepeating(trouble)) throw trouble;
    await clock.sleep(RETRY_MS);
    await cluster.refresh([topic]).catch(() => undefined);
    return offset;
  }

  #enqueue(request: FetchPosition): Promise<LogRecord[]> {
    if (this.#readsWaiting >= this.#deps.readsWaitingMax) {
      return Promise.reject(new LogError('unavailable', 'too many reads are waiting'));
    }
    this.#readsWaiting++;
    return new Promise<LogRecord[]>((resolve, reject) => {
      this.#waiting.push({ ...request, resolve, reject });
      if (this.#isPlanned) return;
      this.#isPlanned = true;
      this.#deps.clock.endOfTurn(() => this.#flush());
    }).finally(() => this.#readsWaiting--);
  }

  #flush(): void {
    this.#isPlanned = false;
    const byLeader = Map.groupBy(this.#waiting, ({ topic, partition }) => this.#deps.cluster.leader(topic, partition));
    this.#waiting = [];
    for (const [node, reads] of byLeader) {
      if (node === undefined) {
        for (const { topic, partition, reject } of reads) {
          reject(new KafkaError('not_sent', `no leader for ${topic}/${partition}`));
        }
      } else if (this.#busyNodes.has(node)) {
        this.#waiting.push(...reads);
      } else {
        void this.#fetch(node, reads);
      }
    }
  }

  async #fetch(node: number, reads: readonly WaitingRead[]): Promise<void> {
    this.#busyNodes.add(node);
    // A partition may be asked for once per request: equal reads share the answer, others go with the next request.
    const asked = new Map<string, WaitingRead[]>();
    for (const each of reads) {
      const key = `${each.topic}/${each.partition}`;
      const same = asked.get(key);
      if (same === undefined) asked.set(key, [each]);
      else if (same[0]!.offset === each.offset) same.push(each);
      else this.#waiting.push(each);
    }
    try {
      const connection = await this.#deps.cluster.connect(node, LANE);
      const positions = [...asked.values()].map(([first]) => first!);
      for (const fetched of await connection.send(fetchExchange(positions, LIMITS))) settle(asked, fetched);
      for (const left of [...asked.values()].flat()) left.reject(new KafkaError('unanswered', 'not in the answer'));
    } catch (error) {
      for (const left of [...asked.values()].flat()) left.reject(error);
    }
    this.#busyNodes.delete(node);
    if (this.#waiting.length > 0) this.#flush();
  }
}

function settle(asked: Map<string, WaitingRead[]>, { topic, partition, errorCode, records }: FetchedPartition): void {
  const key = `${topic}/${partition}`;
  const name = errorName(errorCode);
  for (const each of asked.get(key) ?? []) {
    if (name === undefined) each.resolve(records);
    else each.reject(refusal(name, `reading ${key}`));
  }
  asked.delete(key);
}

function isWorthRepeating(error: unknown): boolean {
  if (!(error instanceof KafkaError)) return false;
  return error.code === undefined || STALE_LEADER.has(error.code) || error.code === 'OFFSET_NOT_AVAILABLE';
}
