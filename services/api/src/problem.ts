import type { FastifyReply } from 'fastify';
import { ERRORS, Refusal, wireError, type WireError } from '@garam/protocol/errors';
import { LogError } from '@garam/eventlog/event-log';
import { StoreError } from '@garam/store/store';
import { BusError } from '@garam/bus/bus';

/** An error as HTTP callers see it (RFC 9457), with the wire's code and name. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: number;
  name: string;
  temporary: boolean;
  retryAfterMs?: number;
  path?: string;
}

export function problemOf(error: WireError, status: number = ERRORS[error.name].http): Problem {
  return {
    type: `urn:garam:error:${error.name}`,
    title: ERRORS[error.name].meaning,
    status,
    detail: error.message,
    code: error.code,
    name: error.name,
    temporary: error.temporary,
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
    ...(error.path === undefined ? {} : { path: error.path }),
  };
}

export function sendProblem(reply: FastifyReply, error: WireError, status?: number): FastifyReply {
  const problem = problemOf(error, status);
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
  if (error.retryAfterMs !== undefined) reply.header('retry-after', String(Math.ceil(error.retryAfterMs / 1_000)));
  return reply.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
}

/** What the framework itself refuses. */
const FRAMEWORK_ERRORS: Readonly<Record<string, WireError>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: wireError('too_large'),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: wireError('bad_frame', { message: 'The content type must be application/json.' }),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: wireError('bad_frame', { message: 'The content length is wrong.' }),
  FST_ERR_CTP_INVALID_JSON_BODY: wireError('bad_frame', { message: 'The body is not JSON.' }),
  FST_ERR_BAD_URL: wireError('not_found', { message: 'There is no such address.' }),
};

/** The error to answer with; undefined for a defect of ours. */
export function expectedError(error: unknown): WireError | undefined {
  if (error instanceof Refusal) return error.wire;
  if (error instanceof StoreError || error instanceof BusError || error instanceof LogError)
    return wireError('unavailable', { retryAfterMs: 500 });
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' ? FRAMEWORK_ERRORS[code] : undefined;
}
