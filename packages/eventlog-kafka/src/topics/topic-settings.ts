import { TOPICS } from '@garam/contracts/topics';

const DAY_MS = 24 * 60 * 60 * 1_000;
const DEAD_LETTER = /\.dlq$/;

/** How long each topic keeps its records, ms; −1 for ever: events are the history others read from. */
const RETENTION_MS: Readonly<Record<string, number>> = {
  [TOPICS.commands]: 7 * DAY_MS,
  [TOPICS.events]: -1,
  [TOPICS.replies]: DAY_MS,
  [TOPICS.receipts]: DAY_MS,
};
const DEAD_LETTER_RETENTION_MS = 30 * DAY_MS;
const RECORD_BATCH_BYTES_MAX = 8 * 1024 * 1024;

export interface Replication {
  /** Copies of each partition. */
  replicationFactor: number;
  /** Copies that must have a record before it is acknowledged. */
  inSyncMin: number;
}

/** The settings a topic of this log must have, by Kafka's names. */
export function topicSettings(topic: string, { inSyncMin }: Replication): Record<string, string> {
  return {
    'message.timestamp.type': 'LogAppendTime',
    'cleanup.policy': 'delete',
    'compression.type': 'uncompressed',
    'retention.ms': String(isDeadLetterTopic(topic) ? DEAD_LETTER_RETENTION_MS : (RETENTION_MS[topic] ?? -1)),
    'retention.bytes': '-1',
    'min.insync.replicas': String(inSyncMin),
    'max.message.bytes': String(RECORD_BATCH_BYTES_MAX),
  };
}

/** Dead-letter topics are made when the first dead letter comes. */
export function isDeadLetterTopic(topic: string): boolean {
  return DEAD_LETTER.test(topic);
}
