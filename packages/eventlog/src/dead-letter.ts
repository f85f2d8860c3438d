import type { LogRecord, NewRecord } from './event-log.ts';

/** Headers of a dead letter, besides those of the record itself. */
export const DEAD_LETTER_HEADERS = {
  reason: 'garam-dlq-reason',
  topic: 'garam-dlq-topic',
  partition: 'garam-dlq-partition',
  offset: 'garam-dlq-offset',
} as const;

/** The record as it goes to its group's dead-letter topic: bytes unchanged, why and from where in the headers. */
export function toDeadLetter(record: LogRecord, reason: string): NewRecord {
  return {
    partition: record.partition,
    key: record.key,
    value: record.value,
    headers: {
      ...record.headers,
      [DEAD_LETTER_HEADERS.reason]: reason,
      [DEAD_LETTER_HEADERS.topic]: record.topic,
      [DEAD_LETTER_HEADERS.partition]: String(record.partition),
      [DEAD_LETTER_HEADERS.offset]: String(record.offset),
    },
  };
}
