/**
 * The one error table of the wire. Numbers and names are API, texts are not.
 * Types, HTTP status codes and docs/errors.md derive from it.
 */
export const ERRORS = {
  bad_frame: {
    code: 100,
    http: 400,
    temporary: false,
    meaning: 'The frame is not a JSON object, or its `id` is unusable.',
  },
  unknown_type: { code: 101, http: 400, temporary: false, meaning: 'There is no command of this type.' },
  invalid: { code: 102, http: 400, temporary: false, meaning: 'A field is missing or malformed; `path` names it.' },
  too_large: {
    code: 103,
    http: 413,
    temporary: false,
    meaning: 'A field, list or frame is larger than the limits allow.',
  },
  unsupported_version: {
    code: 104,
    http: 400,
    temporary: false,
    meaning: 'This server does not speak the protocol version asked for.',
  },
  unauthenticated: {
    code: 200,
    http: 401,
    temporary: false,
    meaning: 'No token was given, or hello has not been answered yet.',
  },
  token_expired: { code: 201, http: 401, temporary: false, meaning: 'The token has expired; get a new one.' },
  token_invalid: {
    code: 202,
    http: 401,
    temporary: false,
    meaning: 'The token cannot be verified or lacks what is required.',
  },
  revoked: { code: 203, http: 403, temporary: false, meaning: 'The token or the user has been revoked.' },
  not_found: { code: 300, http: 404, temporary: false, meaning: 'There is no such chat, message or user for you.' },
  forbidden: { code: 301, http: 403, temporary: false, meaning: 'Your role does not allow this.' },
  blocked: { code: 302, http: 403, temporary: false, meaning: 'The other person does not accept messages from you.' },
  silenced: { code: 303, http: 403, temporary: false, meaning: 'You may not send messages at present.' },
  id_conflict: { code: 409, http: 409, temporary: false, meaning: 'This clientId was used for other content.' },
  gone: { code: 410, http: 410, temporary: false, meaning: 'The message has been deleted.' },
  full: { code: 422, http: 422, temporary: false, meaning: 'The chat cannot take more members.' },
  rate_limited: {
    code: 429,
    http: 429,
    temporary: true,
    meaning: 'Too many commands; try again after `retryAfterMs`.',
  },
  internal: { code: 500, http: 500, temporary: false, meaning: 'A defect of the server.' },
  unavailable: { code: 503, http: 503, temporary: true, meaning: 'The server cannot do this now; try again.' },
  unknown_outcome: {
    code: 504,
    http: 504,
    temporary: true,
    meaning: 'Accepted or not is unknown: send again with the same clientId and a higher attempt.',
  },
} as const satisfies Record<string, { code: number; http: number; temporary: boolean; meaning: string }>;

export type ErrorName = keyof typeof ERRORS;

/** An error as it stands in an `err` frame. */
export interface WireError {
  code: number;
  name: ErrorName;
  message: string;
  temporary: boolean;
  /** Present only when > 0. */
  retryAfterMs?: number;
  /** Present only with `invalid`: the field, for example `members.0`. */
  path?: string;
}

export interface ErrorDetails {
  message?: string;
  retryAfterMs?: number;
  path?: string;
}

/** Builds the wire form of an error; the message defaults to the table's meaning. */
export function wireError(name: ErrorName, details: ErrorDetails = {}): WireError {
  const row = ERRORS[name];
  return {
    code: row.code,
    name,
    message: details.message ?? row.meaning,
    temporary: row.temporary,
    ...(details.retryAfterMs !== undefined && details.retryAfterMs > 0
      ? { retryAfterMs: Math.ceil(details.retryAfterMs) }
      : {}),
    ...(details.path !== undefined && name === 'invalid' ? { path: details.path } : {}),
  };
}

/**
 * An expected refusal on its way to the caller, thrown by query and intake code and
 * turned into an `err` frame or problem+json at the edge. Anything else thrown is `internal`.
 */
export class Refusal extends Error {
  readonly wire: WireError;
  constructor(name: ErrorName, details: ErrorDetails = {}) {
    super(`${name}: ${details.message ?? ERRORS[name].meaning}`);
    this.name = 'Refusal';
    this.wire = wireError(name, details);
  }
}
