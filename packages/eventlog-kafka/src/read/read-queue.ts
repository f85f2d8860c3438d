import { LogError, type LogRecord } from '@garam/eventlog/event-log';
import type { Clock } from '@garam/runtime/clock';
import type { Cluster } from '../cluster/cluster.ts';
import { fetchExchange, type FetchedPartition } from '../wire/fetch-exchange.ts';
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

export interface ReadQueue {
  read(topic: string, partition: number, offset: number, max: number): Promise<LogRecord[]>;
}

interface WaitingRead {
  topic: string;
  partition: number;
  offset: number;
  dueMs: number;
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
export function createReadQueue(deps: ReadQueueDeps): ReadQueue {
  const { cluster, clock } = deps;
  let waiting: WaitingRead[] = [];
  let readsWaiting = 0;
  let isPlanned = false;
  const busyNodes = new Set<number>();

  async function read(topic: string, partition: number, offset: number, max: number): Promise<LogRecord[]> {
    const dueMs = clock.monotonic() + deps.deadlineMs;
    let from = offset;
    for (;;) {
      try {
        if (cluster.leader(topic, partition) === undefined) await cluster.refresh([topic]);
        const records = await enqueue({ topic, partition, offset: from, dueMs });
        return records.length > max ? records.slice(0, max) : records;
      } catch (error) {
        if (codeOf(error) === 'OFFSET_OUT_OF_RANGE') {
          const oldest = (await listOffsets(cluster, LANE, [{ topic, partition }], OLDEST)).get(`${topic}/${partition}`);
          if (oldest === undefined || from >= oldest) return [];
          from = oldest;
        } else if (isWorthRepeating(error) && clock.monotonic() + RETRY_MS < dueMs) {
          await clock.sleep(RETRY_MS);
          await cluster.refresh([topic]).catch(() => undefined);
        } else {
          throw error;
        }
      }
    }
  }

  function enqueue(request: Omit<WaitingRead, 'resolve' | 'reject'>): Promise<LogRecord[]> {
    if (readsWaiting >= deps.readsWaitingMax) {
      return Promise.reject(new LogError('unavailable', 'too many reads are waiting'));
    }
    readsWaiting++;
    return new Promise<LogRecord[]>((resolve, reject) => {
      waiting.push({ ...request, resolve, reject });
      if (isPlanned) return;
      isPlanned = true;
      clock.endOfTurn(flush);
    }).finally(() => readsWaiting--);
  }

  function flush(): void {
    isPlanned = false;
    const byLeader = Map.groupBy(waiting, ({ topic, partition }) => cluster.leader(topic, partition));
    waiting = [];
    for (const [node, reads] of byLeader) {
      if (node === undefined) {
        for (const { topic, partition, reject } of reads) {
          reject(new KafkaError('not_sent', `no leader for ${topic}/${partition}`));
        }
      } else if (busyNodes.has(node)) {
        waiting.push(...reads);
      } else {
        void fetch(node, reads);
      }
    }
  }

  async function fetch(node: number, reads: readonly WaitingRead[]): Promise<void> {
    busyNodes.add(node);
    // A partition may be asked for once per request: equal reads share the answer, others go with the next request.
    const asked = new Map<string, WaitingRead[]>();
    for (const each of reads) {
      const key = `${each.topic}/${each.partition}`;
      const same = asked.get(key);
      if (same === undefined) asked.set(key, [each]);
      else if (same[0]!.offset === each.offset) same.push(each);
      else waiting.push(each);
    }
    try {
      const connection = await cluster.connect(node, LANE);
      const positions = [...asked.values()].map(([first]) => first!);
      for (const fetched of await connection.send(fetchExchange(positions, LIMITS))) settle(asked, fetched);
      for (const left of [...asked.values()].flat()) left.reject(new KafkaError('unanswered', 'not in the answer'));
    } catch (error) {
      for (const left of [...asked.values()].flat()) left.reject(error);
    }
    busyNodes.delete(node);
    if (waiting.length > 0) flush();
  }

  return { read };
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
