import { errors, types } from 'cassandra-driver';

const { responseErrorCodes } = types;
/** Answers of a node that cannot do its work now. `unavailable` is not among them: it costs nobody any time. */
const OUTAGES = new Set<number>([
  responseErrorCodes.overloaded,
  responseErrorCodes.isBootstrapping,
  responseErrorCodes.readTimeout,
  responseErrorCodes.writeTimeout,
]);

/** The cluster did not answer in time. */
export class DeadlineExceeded extends Error {
  constructor(deadlineMs: number) {
    super(`no answer within ${deadlineMs} ms`);
    this.name = 'DeadlineExceeded';
  }
}

/** The cluster, not the statement, is why it failed. */
export function isOutage(error: unknown): boolean {
  if (error instanceof errors.ResponseError) return OUTAGES.has(error.code);
  return (
    error instanceof DeadlineExceeded ||
    error instanceof errors.NoHostAvailableError ||
    error instanceof errors.OperationTimedOutError ||
    error instanceof errors.BusyConnectionError ||
    (error instanceof Error && 'isSocketError' in error)
  );
}
