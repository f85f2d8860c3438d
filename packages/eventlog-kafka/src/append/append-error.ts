import { LogError } from '@garam/eventlog/event-log';
import { KafkaError } from '../wire/kafka-error.ts';

/**
 * Answers after which the records may have been written all the same: the leader had appended them before it lost its
 * office, or before it missed its replicas.
 */
const MAY_BE_APPENDED: ReadonlySet<string> = new Set([
  'NOT_LEADER_FOR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'REQUEST_TIMED_OUT',
  'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
  'NETWORK_EXCEPTION',
  'KAFKA_STORAGE_ERROR',
  'UNKNOWN',
]);

/** What the caller of an append learns. Everything whose fate is not certain is `unknown`. */
export function appendError(error: unknown): LogError {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof KafkaError)) return new LogError('unknown', message, { cause: error });
  if (error.outcome === 'not_sent') return new LogError('unavailable', message, { cause: error });
  const isOpen = error.outcome === 'unanswered' || error.code === undefined || MAY_BE_APPENDED.has(error.code);
  return new LogError(isOpen ? 'unknown' : 'unavailable', message, { cause: error });
}

/** Reads and commits change nothing that could be half done: `unavailable` unless the answer was lost. */
export function requestError(error: unknown): LogError {
  if (error instanceof LogError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new LogError('unavailable', message, { cause: error });
}
