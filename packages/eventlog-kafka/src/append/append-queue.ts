import { LogError, type Appended, type NewRecord } from '@garam/eventlog/event-log';
import { backoffDelayMs } from '@garam/runtime/backoff';
import type { Cancel, Clock } from '@garam/runtime/clock';
import type { BrokerConnection } from '../cluster/open-connection.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { errorName, KafkaError, refusal, STALE_LEADER } from '../wire/kafka-error.ts';
import { produceExchange, type ProducedBatch } from '../wire/produce-exchange.ts';
import { recordSizeMax } from '../wire/record-batch.ts';
import { appendError } from './append-error.ts';
import {
  failBatch,
  failWaiting,
  resolveBatch,
  takeBatch,
  type PartitionQueue,
  type TakenBatch,
} from './partition-queue.ts';

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
export class AppendQueue {
  readonly #deps: AppendQueueDeps;
  readonly #queues = new Map<string, Map<number, PartitionQueue>>();
  /** Queues with something to write, or with a breaker to close. */
  readonly #active = new Set<PartitionQueue>();
  readonly #busyNodes = new Set<number>();
  #recordsWaiting = 0;
  #isFlushPlanned = false;
  #isSearching = false;
  #failures = 0;
  #stopSweeping: Cancel | undefined;
  #isClosed = false;
  #emptied: (() => void) | undefined;

  constructor(deps: AppendQueueDeps) {
    this.#deps = deps;
  }

  append(topic: string, partition: number, records: readonly NewRecord[]): Promise<Appended> {
    const queue = this.#queueOf(topic, partition);
    if (this.#isClosed) return Promise.reject(new LogError('closed', 'the log is closed'));
    if (records.length === 0) return Promise.reject(new RangeError('nothing to append'));
    if (queue.isCut) return Promise.reject(new LogError('unavailable', `the leader of ${topic}/${partition} is away`));
    if (this.#recordsWaiting + records.length > this.#deps.recordsWaitingMax) {
      return Promise.reject(new LogError('unavailable', 'too many records are waiting to be appended'));
    }
    this.#recordsWaiting += records.length;
    let bytes = 0;
    for (const record of records) bytes += recordSizeMax(record);
    return new Promise((resolve, reject) => {
      const leave = () => void (this.#recordsWaiting -= records.length);
      queue.waiting.push({
        records,
        bytes,
        dueMs: this.#deps.clock.monotonic() + this.#deps.appendDeadlineMs,
        resolve: (appended) => (leave(), resolve(appended)),
        reject: (error) => (leave(), reject(error)),
      });
      this.#activate(queue);
      this.#planFlush();
    });
  }

  #queueOf(topic: string, partition: number): PartitionQueue {
    let ofTopic = this.#queues.get(topic);
    if (ofTopic === undefined) this.#queues.set(topic, (ofTopic = new Map()));
    let queue = ofTopic.get(partition);
    if (queue === undefined) {
      queue = { topic, partition, waiting: [], isInFlight: false, isCut: false };
      ofTopic.set(partition, queue);
    }
    return queue;
  }

  #activate(queue: PartitionQueue): void {
    this.#active.add(queue);
    this.#stopSweeping ??= this.#deps.clock.every(SWEEP_MS, () => this.#sweep());
  }

  #planFlush(): void {
    if (this.#isFlushPlanned) return;
    this.#isFlushPlanned = true;
    this.#deps.clock.endOfTurn(() => this.#flush());
  }

  #flush(): void {
    this.#isFlushPlanned = false;
    const byLeader = new Map<number, PartitionQueue[]>();
    const lost: PartitionQueue[] = [];
    for (const queue of this.#active) {
      if (queue.isInFlight) continue;
      const leader = this.#deps.cluster.leader(queue.topic, queue.partition);
      if (leader === undefined) lost.push(queue);
      else if (!this.#busyNodes.has(leader)) {
        const ofLeader = byLeader.get(leader);
        if (ofLeader === undefined) byLeader.set(leader, [queue]);
        else ofLeader.push(queue);
      }
    }
    for (const [node, ready] of byLeader) {
      this.#busyNodes.add(node);
      const connection = this.#deps.cluster.live(node, LANE);
      void (connection === undefined ? this.#reach(node) : this.#write(node, connection, ready));
    }
    if (lost.length > 0) void this.#findLeaders(lost);
  }

  /** Opens a connection to the node; when that fails somebody else may lead by now. */
  async #reach(node: number): Promise<void> {
    try {
      await this.#deps.cluster.connect(node, LANE);
      this.#failures = 0;
    } catch (error) {
      await this.#afterTrouble(error);
    }
    this.#busyNodes.delete(node);
    this.#flush();
  }

  async #findLeaders(lost: readonly PartitionQueue[]): Promise<void> {
    if (this.#isSearching) return;
    this.#isSearching = true;
    const topics = [...new Set(lost.map(({ topic }) => topic))];
    try {
      await this.#deps.cluster.refresh(topics);
      const missing = topics.filter((topic) => this.#deps.cluster.topic(topic) === undefined);
      if (missing.length > 0) await this.#deps.ensureTopics(missing);
      const isFound = lost.some(({ topic, partition }) => this.#deps.cluster.leader(topic, partition) !== undefined);
      if (!isFound) throw new KafkaError('not_sent', `no leader for partitions of ${topics.join(', ')}`);
    } catch (error) {
      await this.#afterTrouble(error);
    }
    this.#isSearching = false;
    if (this.#active.size > 0) this.#planFlush();
  }

  async #afterTrouble(trouble: unknown): Promise<void> {
    this.#deps.onError(trouble);
    const delayMs = BACKOFF.baseMs + backoffDelayMs(this.#failures++, BACKOFF, this.#deps.clock.random);
    await this.#deps.clock.sleep(delayMs);
    const topics = [...new Set([...this.#active].map(({ topic }) => topic))];
    await this.#deps.cluster.refresh(topics).catch(() => undefined);
  }

  async #write(node: number, connection: BrokerConnection, ready: readonly PartitionQueue[]): Promise<void> {
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
      this.#deactivateIfDone(queue);
    }
    if (taken.length > 0) {
      try {
        this.#settle(taken, await connection.send(produceExchange(taken.map(toProduce), this.#produceOptions())));
      } catch (error) {
        this.#deps.onError(error);
        for (const batch of taken) this.#fail(batch, error);
      }
    }
    this.#busyNodes.delete(node);
    this.#flush();
  }

  #produceOptions(): { ackTimeoutMs: number; now: number } {
    return { ackTimeoutMs: this.#deps.ackTimeoutMs, now: this.#deps.clock.now() };
  }

  #settle(taken: readonly TakenBatch[], produced: readonly ProducedBatch[]): void {
    const answers = new Map(produced.map((answer) => [`${answer.topic}/${answer.partition}`, answer]));
    for (const batch of taken) {
      const { topic, partition } = batch.queue;
      const answer = answers.get(`${topic}/${partition}`);
      if (answer === undefined) this.#fail(batch, new KafkaError('unanswered', `no answer for ${topic}/${partition}`));
      else this.#settleOne(batch, answer);
    }
  }

  #settleOne(batch: TakenBatch, { topic, partition, ...answer }: ProducedBatch): void {
    const name = errorName(answer.errorCode);
    if (name !== undefined) {
      const error = refusal(name, `appending to ${topic}/${partition}`);
      this.#deps.onError(error);
      this.#fail(batch, error);
      if (STALE_LEADER.has(name)) void this.#lookAgain(topic);
    } else if (answer.appendTime < 0) {
      this.#fail(batch, new Error(`${topic} does not use LogAppendTime: provision it anew`));
    } else {
      batch.queue.isInFlight = false;
      resolveBatch(batch, answer.baseOffset, answer.appendTime);
      this.#failures = 0;
      this.#deactivateIfDone(batch.queue);
    }
  }

  async #lookAgain(topic: string): Promise<void> {
    await this.#deps.cluster.refresh([topic]).catch(this.#deps.onError);
  }

  #fail(batch: TakenBatch, error: unknown): void {
    if (!batch.queue.isInFlight) return;
    batch.queue.isInFlight = false;
    failBatch(batch, appendError(error));
    this.#deactivateIfDone(batch.queue);
  }

  #deactivateIfDone(queue: PartitionQueue): void {
    if (queue.isInFlight || queue.isCut || queue.waiting.length > 0) return;
    this.#active.delete(queue);
    if (this.#active.size > 0) return;
    this.#stopSweeping?.();
    this.#stopSweeping = undefined;
    this.#emptied?.();
  }

  /** Fails what has waited too long, and with it all that was called later for the same partition. */
  #sweep(): void {
    const now = this.#deps.clock.monotonic();
    for (const queue of this.#active) {
      const oldest = queue.waiting[0];
      if (oldest === undefined || oldest.dueMs > now) continue;
      queue.isCut = !this.#isClosed;
      const text = `${queue.topic}/${queue.partition} could not be written for ${this.#deps.appendDeadlineMs} ms`;
      failWaiting(queue, new LogError('unavailable', text));
      this.#deactivateIfDone(queue);
    }
  }

  /** Takes nothing more; resolves when everything taken is settled. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const queue of this.#active) {
      queue.isCut = false;
      this.#deactivateIfDone(queue);
    }
    if (this.#active.size > 0) await new Promise<void>((resolve) => (this.#emptied = resolve));
  }
}

function toProduce({ queue, records }: TakenBatch) {
  return { topic: queue.topic, partition: queue.partition, records };
}
