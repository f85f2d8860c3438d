import type { Scene } from './bad-scene.ts';
import { newId } from './names.ts';

/** A bad HTTP request of the attacker: exact status and, where Garam answers, the exact error. */
export interface BadRequest {
  name: string;
  method?: string;
  path: string;
  headers?: Record<string, string>;
  /** Without the attacker's token. */
  anonymous?: boolean;
  body?: (scene: Scene) => string;
  status: number;
  error?: string;
}

const send =
  (change: Record<string, unknown>) =>
  (scene: Scene): string =>
    JSON.stringify({ chat: scene.own, clientId: newId(), kind: 'text', text: 'x', ...change });
const json = (value: unknown) => (): string => JSON.stringify(value);
const SEND = '/v1/message.send';

export const BAD_REQUESTS: BadRequest[] = [
  { name: 'no token', path: SEND, anonymous: true, body: send({}), status: 401, error: 'unauthenticated' },
  {
    name: 'a token that is none',
    path: SEND,
    headers: { authorization: 'Bearer x.y.z' },
    body: send({}),
    status: 401,
    error: 'token_invalid',
  },
  {
    name: 'another scheme of authorization',
    path: SEND,
    headers: { authorization: 'Basic YTpi' },
    body: send({}),
    status: 401,
    error: 'unauthenticated',
  },
  {
    name: 'the token in the address',
    path: `${SEND}?token=x`,
    anonymous: true,
    body: send({}),
    status: 401,
    error: 'unauthenticated',
  },
  { name: 'cut JSON', path: SEND, body: () => '{"chat":', status: 400, error: 'bad_frame' },
  { name: 'an empty body', path: SEND, body: () => '', status: 400, error: 'invalid' },
  { name: 'a list as body', path: SEND, body: json([{}]), status: 400, error: 'bad_frame' },
  { name: 'null as body', path: SEND, body: json(null), status: 400, error: 'bad_frame' },
  {
    name: 'a body over the frame size',
    path: SEND,
    body: send({ pad: 'x'.repeat(70_000) }),
    status: 413,
    error: 'too_large',
  },
  { name: 'a body of 300 KB', path: SEND, body: send({ pad: 'x'.repeat(300_000) }), status: 413, error: 'too_large' },
  { name: 'a text over 16 KiB', path: SEND, body: send({ text: 'x'.repeat(16_385) }), status: 413, error: 'too_large' },
  { name: 'a blank text', path: SEND, body: send({ text: ' ' }), status: 400, error: 'invalid' },
  { name: 'a lone surrogate', path: SEND, body: send({ text: '\ud800' }), status: 400, error: 'invalid' },
  {
    name: 'an Idempotency-Key that is no id',
    path: SEND,
    headers: { 'idempotency-key': 'a b/c' },
    body: send({ clientId: undefined }),
    status: 400,
    error: 'invalid',
  },
  {
    name: "other people's chat",
    path: SEND,
    body: (scene) => send({ chat: scene.foreign })(scene),
    status: 404,
    error: 'not_found',
  },
  {
    name: 'acting as somebody else',
    path: SEND,
    body: (scene) => send({ chat: scene.foreign, by: scene.bystander.user })(scene),
    status: 403,
    error: 'forbidden',
  },
  { name: 'an unknown command', path: '/v1/chat.destroy', body: json({}), status: 400, error: 'unknown_type' },
  {
    name: 'a command that is a method of objects',
    path: '/v1/constructor',
    body: json({}),
    status: 400,
    error: 'unknown_type',
  },
  {
    name: 'moderation without a service token',
    path: '/v1/admin/user',
    body: json({ user: 'x', banned: true }),
    status: 403,
    error: 'forbidden',
  },
  { name: 'an unknown address', path: '/v1/../../etc/passwd', method: 'GET', status: 404 },
  { name: 'an encoded path out of the folder', path: '/..%2f..%2fetc%2fpasswd', method: 'GET', status: 404 },
  { name: 'connecting without an upgrade', path: '/v1/connect', method: 'GET', status: 426 },
];
