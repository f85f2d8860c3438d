export type SqliteErrorReason = 'not_written' | 'unknown' | 'closed';

/**
 * `not_written`: nothing of the write is in the file. `unknown`: COMMIT failed in a way that may leave it there after a
 * crash. `closed`: the file was closed before.
 */
export class SqliteError extends Error {
  readonly reason: SqliteErrorReason;
  constructor(reason: SqliteErrorReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SqliteError';
    this.reason = reason;
  }
}

const BUSY = 5;
const LOCKED = 6;
const FULL = 13;
const CONSTRAINT = 19;
/** NOMEM, READONLY, INTERRUPT, IOERR, CORRUPT, FULL, CANTOPEN, PROTOCOL, NOTADB: the file's fault, not the statement's. */
const INFRASTRUCTURE = new Set([7, 8, 9, 10, 11, FULL, 14, 15, 26]);

/** Another connection holds the file: try again later. */
export function isBusy(error: unknown): boolean {
  const code = primaryCode(error);
  return code === BUSY || code === LOCKED;
}

/** The file or the disk failed: no task is to blame. */
export function isInfrastructure(error: unknown): boolean {
  const code = primaryCode(error);
  return code !== undefined && INFRASTRUCTURE.has(code);
}

/** Whether a failed COMMIT has surely written nothing. After a failed fsync the frames may be found by a recovery. */
export function surelyNotCommitted(error: unknown): boolean {
  const code = primaryCode(error);
  return code === FULL || code === CONSTRAINT;
}

function primaryCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  return error.errcode & 0xff;
}
