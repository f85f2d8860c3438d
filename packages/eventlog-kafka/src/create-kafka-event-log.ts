import { LogError, type ConsumeOptions, type Consumer, type EventLog, type LogRecord } from '@garam/eventlog/event-log';
import { backoffDelayMs } from '@garam/runtime/backoff';
import { requestError } from './append/append-error.ts';
import { createAppendQueue } from './append/append-queue.ts';
import { createCluster, type Cluster } from './cluster/cluster.ts';
import { startKafkaConsumer } from './consume/kafka-consumer.ts';
import type { KafkaOptions } from './kafka-options.ts';
import { committedOffsets } from './read/committed-offsets.ts';
import { END, listOffsets } from './read/partition-offsets.ts';
import { createReadQueue } from './read/read-queue.ts';
import { describeLog, type LogDescription } from './topics/describe-log.ts';
import { provision } from './topics/provision-topics.ts';
import { createTopics, type TopicPlan } from './topics/topic-admin.ts';
import { isDeadLetterTopic, type Replication } from './topics/topic-settings.ts';
import { TOPICS } from '@garam/contracts/topics';
import { isHopeless } from './wire/kafka-error.ts';

export interface KafkaEventLogOptions extends KafkaOptions {
  /** Creates topics that are missing when the log opens; what exists is never touched then. */
  provision?: TopicPlan;
  /** For dead-letter topics made on demand. Default: as the brokers say, and 1. */
  deadLetters?: Replication;
  /** Until the log must have been opened. Default 30,000. */
  openDeadlineMs?: number;
  /** Until an append that cannot be written is given up as unavailable. Default 3,000. */
  appendDeadlineMs?: number;
  /** Records that may wait to be appended; more are refused as unavailable. Default 50,000. */
  recordsWaitingMax?: number;
  /** Reads that may wait. Default 10,000. */
  readsWaitingMax?: number;
  /** Without a heartbeat for this long a consumer's partitions go to others. Default 15,000. */
  sessionTimeoutMs?: number;
  /** Also how soon a consumer learns that the group shares anew. Default 500. */
  heartbeatIntervalMs?: number;
  /** How long a handler may go on after its partition was taken away. Default 5,000. */
  handlerGraceMs?: number;
}

const DEFAULTS = {
  openDeadlineMs: 30_000,
  appendDeadlineMs: 3_000,
  requestTimeoutMs: 5_000,
  recordsWaitingMax: 50_000,
  readsWaitingMax: 10_000,
  sessionTimeoutMs: 15_000,
  heartbeatIntervalMs: 500,
  handlerGraceMs: 5_000,
};
const OPEN_BACKOFF = { baseMs: 100, maxMs: 2_000 };
const ADMIN_LANE = 'admin';
/** What the leader's answer may need beyond waiting for its replicas. */
const ANSWER_MS = 500;

/**
 * Opens the log in a Kafka cluster whose topics are provisioned (or are to be, see `provision`), waiting for the cluster
 * until `openDeadlineMs`.
 * @throws LogError `unavailable`
 */
export async function createKafkaEventLog(given: KafkaEventLogOptions): Promise<EventLog> {
  const cluster = createCluster(given);
  try {
    return openLog(cluster, given, await describe(cluster, given));
  } catch (error) {
    cluster.close();
    throw requestError(error);
  }
}

async function describe(cluster: Cluster, options: KafkaEventLogOptions): Promise<LogDescription> {
  const { clock, logger } = options;
  const dueMs = clock.monotonic() + (options.openDeadlineMs ?? DEFAULTS.openDeadlineMs);
  for (let attempt = 0; ; attempt++) {
    try {
      if (options.provision !== undefined) {
        const plan = options.provision;
        const { created, differing } = await provision(cluster, Object.values(TOPICS), { plan, isAltering: false });
        if (created.length > 0) logger.info({ topics: created }, 'topics were created');
        if (differing.length > 0) logger.warn({ differing }, 'topics are not as they should be');
      }
      return await describeLog(cluster);
    } catch (error) {
      const isOver = clock.monotonic() > dueMs || (!(error instanceof LogError) && isHopeless(error));
      if (isOver) throw error;
      logger.debug({ err: error }, 'the log cannot be opened yet');
      await clock.sleep(OPEN_BACKOFF.baseMs + backoffDelayMs(attempt, OPEN_BACKOFF, clock.random));
    }
  }
}

function openLog(cluster: Cluster, given: KafkaEventLogOptions, about: LogDescription): EventLog {
  const options = { ...DEFAULTS, ...given };
  const { clock, logger } = options;
  const { partitions } = about;
  const consumers = new Set<Consumer>();
  let consumersMade = 0;
  let closing: Promise<void> | undefined;

  const appends = createAppendQueue({
    cluster,
    clock,
    ensureTopics: (topics) => ensureDeadLetters(cluster, topics, { partitions, replication: options.deadLetters }),
    appendDeadlineMs: options.appendDeadlineMs,
    ackTimeoutMs: Math.max(ANSWER_MS, options.requestTimeoutMs - ANSWER_MS),
    recordsWaitingMax: options.recordsWaitingMax,
    onError: (error) => logger.warn({ err: error }, 'the log cannot be written'),
  });
  const reads = createReadQueue({
    cluster,
    clock,
    readsWaitingMax: options.readsWaitingMax,
    deadlineMs: options.requestTimeoutMs,
  });

  function checkPartition(partition: number): void {
    if (closing !== undefined) throw new LogError('closed', 'the log is closed');
    if (!Number.isInteger(partition) || partition < 0 || partition >= partitions) {
      throw new RangeError(`no partition ${partition} of ${partitions}`);
    }
  }

  async function offsetOf(topic: string, partition: number, timestamp: number): Promise<number> {
    checkPartition(partition);
    const found = await listOffsets(cluster, ADMIN_LANE, [{ topic, partition }], timestamp).catch(rethrow);
    return found.get(`${topic}/${partition}`) ?? -1;
  }

  function consume(consumeOptions: ConsumeOptions): Consumer {
    if (closing !== undefined) throw new LogError('closed', 'the log is closed');
    const { group } = consumeOptions;
    const consumer = startKafkaConsumer(consumeOptions, {
      cluster,
      clock,
      name: String(++consumersMade),
      sessionTimeoutMs: options.sessionTimeoutMs,
      heartbeatIntervalMs: options.heartbeatIntervalMs,
      rebalanceTimeoutMs: options.sessionTimeoutMs,
      handlerGraceMs: options.handlerGraceMs,
      commitDeadlineMs: options.requestTimeoutMs,
      onError: (error) => consumeOptions.onError?.(error),
      onDead(error) {
        logger.fatal({ err: error, group }, 'a consumer is dead');
        if (consumeOptions.onFatal === undefined) throwOutside(error, clock);
        else consumeOptions.onFatal(error);
      },
    });
    consumers.add(consumer);
    return {
      ready: consumer.ready,
      async stop() {
        consumers.delete(consumer);
        await consumer.stop();
      },
    };
  }

  async function close(): Promise<void> {
    await Promise.all([...consumers].map((consumer) => consumer.stop()));
    await appends.close();
    cluster.close();
  }

  return {
    ...about,
    append: async (topic, record) => {
      checkPartition(record.partition);
      return appends.append(topic, record.partition, [record]);
    },
    appendBatch: async (topic, partition, records) => {
      checkPartition(partition);
      return appends.append(topic, partition, records);
    },
    consume,
    end: (topic, partition) => offsetOf(topic, partition, END),
    async offsetAt(topic, partition, timestamp) {
      const found = await offsetOf(topic, partition, Math.max(0, timestamp));
      return found >= 0 ? found : offsetOf(topic, partition, END);
    },
    async read(topic, partition, offset, max): Promise<LogRecord[]> {
      checkPartition(partition);
      return reads.read(topic, partition, offset, max).catch(rethrow);
    },
    async committed(group, topic, partition) {
      checkPartition(partition);
      try {
        const coordinator = await cluster.connect(await cluster.coordinator(group), ADMIN_LANE);
        const found = await committedOffsets(coordinator, group, [{ topic, partition }]);
        return Math.max(0, found.get(`${topic}/${partition}`) ?? 0);
      } catch (error) {
        throw requestError(error);
      }
    },
    close: () => (closing ??= close()),
  };
}

const AS_THE_BROKERS_SAY: Replication = { replicationFactor: -1, inSyncMin: 1 };

async function ensureDeadLetters(
  cluster: Cluster,
  topics: readonly string[],
  { partitions, replication }: { partitions: number; replication: Replication | undefined },
): Promise<void> {
  const missing = topics.filter(isDeadLetterTopic);
  if (missing.length === 0) return;
  await createTopics(cluster, missing, { partitions, ...(replication ?? AS_THE_BROKERS_SAY) });
  await cluster.refresh(missing);
}

function rethrow(error: unknown): never {
  throw requestError(error);
}

/** Nobody listens: the process must not go on as if nothing had happened. */
function throwOutside(error: unknown, clock: KafkaEventLogOptions['clock']): void {
  clock.endOfTurn(() => {
    throw error;
  });
}
