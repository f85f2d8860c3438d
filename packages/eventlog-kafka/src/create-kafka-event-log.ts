import { TOPICS } from '@garam/contracts/topics';
import { LogError, type EventLog } from '@garam/eventlog/event-log';
import { backoffDelayMs } from '@garam/runtime/backoff';
import { requestError } from './append/append-error.ts';
import { Cluster } from './cluster/cluster.ts';
import { KafkaEventLog } from './kafka-event-log.ts';
import type { KafkaOptions } from './kafka-options.ts';
import { describeLog, type LogDescription } from './topics/describe-log.ts';
import { provision } from './topics/provision-topics.ts';
import type { TopicPlan } from './topics/topic-admin.ts';
import type { Replication } from './topics/topic-settings.ts';
import { isHopeless } from './wire/kafka-error.ts';

export interface KafkaEventLogOptions extends KafkaOptions {
  /** Creates topics that are missing when the log opens; what exists is never touched then. */
  provision?: TopicPlan;
  /** For dead-letter topics made on demand. Default: as many copies as the brokers say, and one in sync. */
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

const OPEN_DEADLINE_MS = 30_000;
const BACKOFF = { baseMs: 100, maxMs: 2_000 };

/**
 * Opens the log in a Kafka cluster whose topics are provisioned (or are to be, see `provision`), waiting for the cluster
 * until `openDeadlineMs`.
 * @throws LogError `unavailable`
 */
export async function createKafkaEventLog(options: KafkaEventLogOptions): Promise<EventLog> {
  const cluster = new Cluster(options);
  try {
    return new KafkaEventLog(cluster, options, await describeWhenThere(cluster, options));
  } catch (error) {
    cluster.close();
    throw requestError(error);
  }
}

async function describeWhenThere(cluster: Cluster, options: KafkaEventLogOptions): Promise<LogDescription> {
  const { clock, logger, openDeadlineMs = OPEN_DEADLINE_MS } = options;
  const dueMs = clock.monotonic() + openDeadlineMs;
  for (let attempt = 0; ; attempt++) {
    try {
      await provisionMissing(cluster, options);
      return await describeLog(cluster);
    } catch (error) {
      const isHopelessError = !(error instanceof LogError) && isHopeless(error);
      if (isHopelessError || clock.monotonic() > dueMs) throw error;
      logger.debug({ err: error }, 'the log cannot be opened yet');
      await clock.sleep(BACKOFF.baseMs + backoffDelayMs(attempt, BACKOFF, clock.random));
    }
  }
}

async function provisionMissing(cluster: Cluster, options: KafkaEventLogOptions): Promise<void> {
  const { clock, logger, provision: plan } = options;
  if (plan === undefined) return;
  const manner = { plan, isAltering: false, clock };
  const { created, differing } = await provision(cluster, Object.values(TOPICS), manner);
  if (created.length > 0) logger.info({ topics: created }, 'topics were created');
  if (differing.length > 0) logger.warn({ differing }, 'topics are not as they should be');
}
