/**
 * WebSocket close codes of garam.v1. 4000–4499: reconnect with back-off. 4500–4999: do not reconnect by yourself.
 */
export const CLOSE_CODES = {
  wrong_kind: {
    code: 1003,
    reconnect: false,
    meaning: 'Wrong kind of WebSocket message (binary on a JSON connection).',
  },
  invalid_utf8: { code: 1007, reconnect: false, meaning: 'A text message was not valid UTF-8.' },
  message_too_big: { code: 1009, reconnect: false, meaning: 'A WebSocket message was larger than frameBytes.' },
  restart: { code: 1012, reconnect: true, meaning: 'The server restarts.' },
  draining: { code: 4001, reconnect: true, meaning: 'The server is draining; connect elsewhere.' },
  too_slow: { code: 4008, reconnect: true, meaning: 'The client did not read fast enough; resume by cursor.' },
  too_fast: { code: 4009, reconnect: true, meaning: 'The client sent far more than its rate.' },
  heartbeat: { code: 4010, reconnect: true, meaning: 'No frame arrived within interval + timeout.' },
  no_hello: { code: 4500, reconnect: false, meaning: 'hello did not come first or not within 5 s.' },
  auth: { code: 4501, reconnect: false, meaning: 'The token was refused or expired: only with a new token.' },
  version: { code: 4502, reconnect: false, meaning: 'No common protocol version.' },
  replaced: { code: 4503, reconnect: false, meaning: 'A newer connection of the same user and device took over.' },
  banned: { code: 4504, reconnect: false, meaning: 'The user is banned.' },
  protocol: { code: 4505, reconnect: false, meaning: 'Too many frames without a usable id.' },
} as const satisfies Record<string, { code: number; reconnect: boolean; meaning: string }>;

export type CloseName = keyof typeof CLOSE_CODES;
