import protocolErrors from 'kafkajs/src/protocol/error.js';

/**
 * How far a request got: `not_sent` – nothing was written; `refused` – the broker answered with an error code;
 * `unanswered` – written, and no answer came: it may have been carried out.
 */
export type RequestOutcome = 'not_sent' | 'refused' | 'unanswered';

/** An error of the cluster or of the way to it. `code` is the protocol's name for it where the broker gave one. */
export class KafkaError extends Error {
  readonly outcome: RequestOutcome;
  readonly code: string | undefined;
  constructor(outcome: RequestOutcome, message: string, options: ErrorOptions & { code?: string } = {}) {
    super(message, options);
    this.name = 'KafkaError';
    this.outcome = outcome;
    this.code = options.code;
  }
}

const NAMES = new Map(protocolErrors.errorCodes.map(({ code, type }) => [code, type]));

/** The protocol's name of an error code (kafkajs's spelling); undefined for 0, which is none. */
export function errorName(code: number): string | undefined {
  return code === 0 ? undefined : (NAMES.get(code) ?? `ERROR_${code}`);
}

export function refusal(name: string, what: string): KafkaError {
  return new KafkaError('refused', `${what}: ${name}`, { code: name });
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof KafkaError ? error.code : undefined;
}

/** Another broker leads the partition, or nobody knows yet who does. */
export const STALE_LEADER: ReadonlySet<string> = new Set([
  'NOT_LEADER_FOR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'REPLICA_NOT_AVAILABLE',
  'KAFKA_STORAGE_ERROR',
  'FENCED_LEADER_EPOCH',
  'UNKNOWN_LEADER_EPOCH',
]);

/** Another broker coordinates the group, or this one does not yet. */
export const STALE_COORDINATOR: ReadonlySet<string> = new Set([
  'NOT_COORDINATOR_FOR_GROUP',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'GROUP_LOAD_IN_PROGRESS',
]);

/** Waiting does not help: somebody must change the configuration. */
const HOPELESS: ReadonlySet<string> = new Set([
  'GROUP_AUTHORIZATION_FAILED',
  'TOPIC_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'INCONSISTENT_GROUP_PROTOCOL',
  'INVALID_GROUP_ID',
  'INVALID_SESSION_TIMEOUT',
  'INVALID_TOPIC_EXCEPTION',
  'SASL_AUTHENTICATION_FAILED',
  'UNSUPPORTED_SASL_MECHANISM',
  'UNSUPPORTED_VERSION',
]);

/** Whether going on would never succeed. Errors that are not the cluster's are bugs: hopeless too. */
export function isHopeless(error: unknown): boolean {
  if (!(error instanceof KafkaError)) return true;
  return error.code !== undefined && HOPELESS.has(error.code);
}
