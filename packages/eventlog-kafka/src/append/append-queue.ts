import { LogError, type Appended, type NewRecord } from '@garam/eventlog/event-log';
import { backoffDelayMs } from '@garam/runtime/backoff';
import type { Cancel, Clock } from '@garam/runtime/clock';
import type { BrokerConnection } from '../cluster/open-connection.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { errorName, KafkaError, refusal, STALE_LEADER } from '../wire/kafka-error.ts';
import { produceExchange, type ProducedBatch } from '../wire/produce-exchange.ts';
import { recordSizeMax } from '../wire/record-batch.ts';
import { appendError } from './append-error.ts';
import { failBatch, failWaiting, resolveBatch, takeBatch, type PartitionQueue, type TakenBatch } from './partition-queue.ts';

export interface AppendQueueDeps {
  cluster: Cluster;
  clock: Clock;
  /** Creates topics that are made on demand; called for topics that are not there. */
  ensureTopics(topics: readonly string[]): Promise<void>;
  /** Until an append that cannot be written gives up, ms. */
  appendDeadlineMs: number;
  /** How long the leader waits for its replicas, ms. */
  ackTimeoutMs: number;
  recordsWaitingMax: number;
  onError(error: unknown): void;
}

export interface AppendQueue {
  append(topic: string, partition: number, records: readonly NewRecord[]): Promise<Appended>;
  /** Takes nothing more; resolves when everything taken is settled. */
  close(): Promise<void>;
}

const LANE = 'produce';
/** Below the broker's limit for one batch, which every record must pass alone. */
const BATCH_BYTES_MAX = 512 * 1024;
const REQUEST_BYTES_MAX = 8 * 1024 * 1024;
const BACKOFF = { baseMs: 50, maxMs: 1_000 };
const SWEEP_MS = 100;

/**
 * Order: one request per broker is on its way at a time, and holds one batch of each partition; what is called
 * meanwhile waits and goes with the next one. A failed batch takes with it all that waits for its partition. So nothing
 * is ever written after a failure that was called before it was known, and the caller alone decides about a repetition.
 */
export function createAppendQueue(deps: AppendQueueDeps): AppendQueue {
  const { cluster, clock } = deps;
  const queues = new Map<string, Map<number, PartitionQueue>>();
  /** Queues with something to write, or with a breaker to close. */
  const active = new Set<PartitionQueue>();
  const busyNodes = new Set<number>();
  let recordsWaiting = 0;
  let isFlushPlanned = false;
  let isSearching = false;
  let failures = 0;
  let stopSweeping: Cancel | undefined;
  let isClosed = false;
  let emptied: (() => void) | undefined;

  function append(topic: string, partition: number, records: readonly NewRecord[]): Promise<Appended> {
    const queue = queueOf(topic, partition);
    if (isClosed) return Promise.reject(new LogError('closed', 'the log is closed'));
    if (records.length === 0) return Promise.reject(new RangeError('nothing to append'));
    if (queue.isCut) return Promise.reject(new LogError('unavailable', `the leader of ${topic}/${partition} is away`));
    if (recordsWaiting + records.length > deps.recordsWaitingMax) {
      return Promise.reject(new LogError('unavailable', 'too many records are waiting to be appended'));
    }
    recordsWaiting += records.length;
    let bytes = 0;
    for (const record of records) bytes += recordSizeMax(record);
    return new Promise((resolve, reject) => {
      const leave = () => void (recordsWaiting -= records.length);
      queue.waiting.push({
        records,
        bytes,
        dueMs: clock.monotonic() + deps.appendDeadlineMs,
        resolve: (appended) => (leave(), resolve(appended)),
        reject: (error) => (leave(), reject(error)),
      });
      activate(queue);
      planFlush();
    });
  }

  function queueOf(topic: string, partition: number): PartitionQueue {
    let ofTopic = queues.get(topic);
    if (ofTopic === undefined) queues.set(topic, (ofTopic = new Map()));
    let queue = ofTopic.get(partition);
    if (queue === undefined) {
      queue = { topic, partition, waiting: [], isInFlight: false, isCut: false };
      ofTopic.set(partition, queue);
    }
    return queue;
  }

  function activate(queue: PartitionQueue): void {
    active.add(queue);
    stopSweeping ??= clock.every(SWEEP_MS, sweep);
  }

  function planFlush(): void {
    if (isFlushPlanned) return;
    isFlushPlanned = true;
    clock.endOfTurn(flush);
  }

  function flush(): void {
    isFlushPlanned = false;
    const byLeader = new Map<number, PartitionQueue[]>();
    const lost: PartitionQueue[] = [];
    for (const queue of active) {
      if (queue.isInFlight) continue;
      const leader = cluster.leader(queue.topic, queue.partition);
      if (leader === undefined) lost.push(queue);
      else if (!busyNodes.has(leader)) {
        const ofLeader = byLeader.get(leader);
        if (ofLeader === undefined) byLeader.set(leader, [queue]);
        else ofLeader.push(queue);
      }
    }
    for (const [node, ready] of byLeader) {
      busyNodes.add(node);
      const connection = cluster.live(node, LANE);
      void (connection === undefined ? reach(node) : write(node, connection, ready));
    }
    if (lost.length > 0) void findLeaders(lost);
  }

  /** Opens a connection to the node; when that fails somebody else may lead by now. */
  async function reach(node: number): Promise<void> {
    try {
      await cluster.connect(node, LANE);
      failures = 0;
    } catch (error) {
      await afterTrouble(error);
    }
    busyNodes.delete(node);
    flush();
  }

  async function findLeaders(lost: readonly PartitionQueue[]): Promise<void> {
    if (isSearching) return;
    isSearching = true;
    const topics = [...new Set(lost.map(({ topic }) => topic))];
    try {
      await cluster.refresh(topics);
      const missing = topics.filter((topic) => cluster.topic(topic) === undefined);
      if (missing.length > 0) await deps.ensureTopics(missing);
      const isFound = lost.some(({ topic, partition }) => cluster.leader(topic, partition) !== undefined);
      if (!isFound) throw new KafkaError('not_sent', `no leader for partitions of ${topics.join(', ')}`);
    } catch (error) {
      await afterTrouble(error);
    }
    isSearching = false;
    if (active.size > 0) planFlush();
  }

  async function afterTrouble(error: unknown): Promise<void> {
    deps.onError(error);
    const delayMs = BACKOFF.baseMs + backoffDelayMs(failures++, BACKOFF, clock.random);
    await clock.sleep(delayMs);
    const topics = [...new Set([...active].map(({ topic }) => topic))];
    await cluster.refresh(topics).catch(() => undefined);
  }

  async function write(node: number, connection: BrokerConnection, ready: readonly PartitionQueue[]): Promise<void> {
    const taken: TakenBatch[] = [];
    let bytes = 0;
    for (const queue of ready) {
      queue.isCut = false;
      const batch = bytes > REQUEST_BYTES_MAX ? undefined : takeBatch(queue, BATCH_BYTES_MAX);
      if (batch !== undefined) {
        queue.isInFlight = true;
        for (const append of batch.appends) bytes += append.bytes;
        taken.push(batch);
      }
      deactivateIfDone(queue);
    }
    if (taken.length > 0) {
      try {
        settle(taken, await connection.send(produceExchange(taken.map(toProduce), produceOptions())));
      } catch (error) {
        deps.onError(error);
        for (const batch of taken) fail(batch, error);
      }
    }
    busyNodes.delete(node);
    flush();
  }

  function produceOptions(): { ackTimeoutMs: number; now: number } {
    return { ackTimeoutMs: deps.ackTimeoutMs, now: clock.now() };
  }

  function settle(taken: readonly TakenBatch[], produced: readonly ProducedBatch[]): void {
    const answers = new Map(produced.map((answer) => [`${answer.topic}/${answer.partition}`, answer]));
    for (const batch of taken) {
      const { topic, partition } = batch.queue;
      const answer = answers.get(`${topic}/${partition}`);
      if (answer === undefined) fail(batch, new KafkaError('unanswered', `no answer for ${topic}/${partition}`));
      else settleOne(batch, answer);
    }
  }

  function settleOne(batch: TakenBatch, { topic, partition, ...answer }: ProducedBatch): void {
    const name = errorName(answer.errorCode);
    if (name !== undefined) {
      const error = refusal(name, `appending to ${topic}/${partition}`);
      deps.onError(error);
      fail(batch, error);
      if (STALE_LEADER.has(name)) void cluster.refresh([topic]).catch(deps.onError);
    } else if (answer.appendTime < 0) {
      fail(batch, new Error(`${topic} does not use LogAppendTime: provision it anew`));
    } else {
      batch.queue.isInFlight = false;
      resolveBatch(batch, answer.baseOffset, answer.appendTime);
      failures = 0;
      deactivateIfDone(batch.queue);
    }
  }

  function fail(batch: TakenBatch, error: unknown): void {
    if (!batch.queue.isInFlight) return;
    batch.queue.isInFlight = false;
    failBatch(batch, appendError(error));
    deactivateIfDone(batch.queue);
  }

  function deactivateIfDone(queue: PartitionQueue): void {
    if (queue.isInFlight || queue.isCut || queue.waiting.length > 0) return;
    active.delete(queue);
    if (active.size > 0) return;
    stopSweeping?.();
    stopSweeping = undefined;
    emptied?.();
  }

  /** Fails what has waited too long, and with it all that was called later for the same partition. */
  function sweep(): void {
    const now = clock.monotonic();
    for (const queue of active) {
      const oldest = queue.waiting[0];
      if (oldest === undefined || oldest.dueMs > now) continue;
      queue.isCut = !isClosed;
      const text = `${queue.topic}/${queue.partition} could not be written for ${deps.appendDeadlineMs} ms`;
      failWaiting(queue, new LogError('unavailable', text));
      deactivateIfDone(queue);
    }
  }

  return {
    append,
    async close() {
      isClosed = true;
      for (const queue of active) queue.isCut = false;
      for (const queue of [...active]) deactivateIfDone(queue);
      if (active.size > 0) await new Promise<void>((resolve) => (emptied = resolve));
    },
  };
}

function toProduce({ queue, records }: TakenBatch) {
  return { topic: queue.topic, partition: queue.partition, records };
}
