import {
  LogError,
  type Appended,
  type ConsumeOptions,
  type Consumer,
  type EventLog,
  type LogRecord,
  type NewRecord,
} from '@garam/eventlog/event-log';
import { requestError } from './append/append-error.ts';
import { AppendQueue } from './append/append-queue.ts';
import type { Cluster } from './cluster/cluster.ts';
import { KafkaConsumer } from './consume/kafka-consumer.ts';
import type { KafkaEventLogOptions } from './create-kafka-event-log.ts';
import { committedOffsets } from './read/committed-offsets.ts';
import { END, listOffsets } from './read/partition-offsets.ts';
import { ReadQueue } from './read/read-queue.ts';
import type { LogDescription } from './topics/describe-log.ts';
import { ensureDeadLetters } from './topics/ensure-dead-letters.ts';

const DEFAULTS = {
  appendDeadlineMs: 3_000,
  requestTimeoutMs: 5_000,
  recordsWaitingMax: 50_000,
  readsWaitingMax: 10_000,
  sessionTimeoutMs: 15_000,
  heartbeatIntervalMs: 500,
  handlerGraceMs: 5_000,
};
const LANE = 'admin';
/** What the leader's answer may need beyond waiting for its replicas. */
const ANSWER_MS = 500;

/** The log on an open cluster. */
export class KafkaEventLog implements EventLog {
  readonly id: string;
  readonly durability: EventLog['durability'];
  readonly partitions: number;
  readonly #cluster: Cluster;
  readonly #options: typeof DEFAULTS & KafkaEventLogOptions;
  readonly #appends: AppendQueue;
  readonly #reads: ReadQueue;
  readonly #consumers = new Set<KafkaConsumer>();
  #consumersMade = 0;
  #closing: Promise<void> | undefined;

  constructor(cluster: Cluster, given: KafkaEventLogOptions, { id, durability, partitions }: LogDescription) {
    const options = { ...DEFAULTS, ...given };
    const { clock, logger, deadLetters } = options;
    this.id = id;
    this.durability = durability;
    this.partitions = partitions;
    this.#cluster = cluster;
    this.#options = options;
    this.#appends = new AppendQueue({
      ...options,
      cluster,
      ensureTopics: (topics) => ensureDeadLetters(cluster, topics, { clock, partitions, ...deadLetters }),
      ackTimeoutMs: Math.max(ANSWER_MS, options.requestTimeoutMs - ANSWER_MS),
      onError: (error) => logger.warn({ err: error }, 'the log cannot be written'),
    });
    this.#reads = new ReadQueue({ ...options, cluster, deadlineMs: options.requestTimeoutMs });
  }

  append(topic: string, record: NewRecord): Promise<Appended> {
    return this.appendBatch(topic, record.partition, [record]);
  }

  appendBatch(topic: string, partition: number, records: readonly NewRecord[]): Promise<Appended> {
    try {
      this.#check(partition);
      return this.#appends.append(topic, partition, records);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  consume(options: ConsumeOptions): Consumer {
    if (this.#closing !== undefined) throw new LogError('closed', 'the log is closed');
    const { sessionTimeoutMs, requestTimeoutMs } = this.#options;
    const consumer = new KafkaConsumer(options, {
      ...this.#options,
      cluster: this.#cluster,
      name: String(++this.#consumersMade),
      rebalanceTimeoutMs: sessionTimeoutMs,
      commitDeadlineMs: requestTimeoutMs,
      onError: (error) => options.onError?.(error),
      onDead: (error) => this.#announceDeath(error, options),
    });
    this.#consumers.add(consumer);
    return {
      ready: () => consumer.ready(),
      stop: async () => {
        this.#consumers.delete(consumer);
        await consumer.stop();
      },
    };
  }

  topics(): Promise<string[]> {
    return this.#cluster.topicNames().catch(rethrow);
  }

  end(topic: string, partition: number): Promise<number> {
    return this.#offset(topic, partition, END);
  }

  async offsetAt(topic: string, partition: number, timestamp: number): Promise<number> {
    // Records have whole milliseconds, and so has the protocol.
    const found = await this.#offset(topic, partition, Math.max(0, Math.ceil(timestamp)));
    return found >= 0 ? found : this.end(topic, partition);
  }

  async read(topic: string, partition: number, offset: number, max: number): Promise<LogRecord[]> {
    this.#check(partition);
    return this.#reads.read(topic, partition, offset, max).catch(rethrow);
  }

  async committed(group: string, topic: string, partition: number): Promise<number> {
    this.#check(partition);
    try {
      const coordinator = await this.#cluster.connect(await this.#cluster.coordinator(group), LANE);
      const found = await committedOffsets(coordinator, group, [{ topic, partition }]);
      return Math.max(0, found.get(`${topic}/${partition}`) ?? 0);
    } catch (error) {
      throw requestError(error);
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#consumers].map((consumer) => consumer.stop()));
    await this.#appends.close();
    this.#cluster.close();
  }

  #check(partition: number): void {
    if (this.#closing !== undefined) throw new LogError('closed', 'the log is closed');
    if (Number.isInteger(partition) && partition >= 0 && partition < this.partitions) return;
    throw new RangeError(`no partition ${partition} of ${this.partitions}`);
  }

  async #offset(topic: string, partition: number, timestamp: number): Promise<number> {
    this.#check(partition);
    const found = await listOffsets(this.#cluster, LANE, [{ topic, partition }], timestamp).catch(rethrow);
    return found.get(`${topic}/${partition}`) ?? -1;
  }

  /** When nobody listens, the process must not go on as if nothing had happened. */
  #announceDeath(error: unknown, { group, onFatal }: ConsumeOptions): void {
    this.#options.logger.fatal({ err: error, group }, 'a consumer is dead');
    if (onFatal !== undefined) return onFatal(error);
    this.#options.clock.endOfTurn(() => {
      throw error;
    });
  }
}

function rethrow(error: unknown): never {
  throw requestError(error);
}
