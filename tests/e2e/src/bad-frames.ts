import { goodSend, type Scene } from './bad-scene.ts';
import { encodeFrame, OPCODE } from './ws-frames.ts';

/** Something bad on the socket, answered with an `err` (with this id) or with a close. */
export interface BadFrame {
  name: string;
  send: (scene: Scene) => void;
  error?: string;
  id?: number;
  close?: number;
}

const NEVER_USED_ID = 4_000_000;

/** Sends a text message. */
function text(name: string, body: string | ((scene: Scene) => string), error: string, id = 0): BadFrame {
  const send = (scene: Scene): void => scene.attacker.raw.sendText(typeof body === 'string' ? body : body(scene));
  return { name, error, id, send };
}

/** Sends raw bytes and expects the connection to be closed. */
function bytes(name: string, frame: () => Uint8Array, close: number): BadFrame {
  return { name, close, send: (scene) => scene.attacker.raw.sendBytes(frame()) };
}

const withId =
  (id: unknown) =>
  (scene: Scene): string =>
    JSON.stringify({ ...goodSend(scene), t: 'message.send', id });
const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
const utf8 = (...codes: number[]): Buffer =>
  Buffer.concat([Buffer.from('{"t":"ping","id":9,"x":"'), Buffer.from(codes), Buffer.from('"}')]);

export const BAD_TEXTS: BadFrame[] = [
  text('an empty message', '', 'bad_frame'),
  text('no JSON', 'hello?', 'bad_frame'),
  text('cut JSON', '{"t":"ping","id":1', 'bad_frame'),
  text('JSON with something behind it', '{"t":"ping","id":1}{}', 'bad_frame'),
  text('JSON with comments', '{"t":"ping",/*x*/"id":1}', 'bad_frame'),
  text('a byte order mark', '\ufeff{"t":"ping","id":1}', 'bad_frame'),
  text('JSON null', 'null', 'bad_frame'),
  text('a JSON number', '7', 'bad_frame'),
  text('a JSON string', '"ping"', 'bad_frame'),
  text('an empty batch', '[]', 'bad_frame'),
  text(
    'a batch of 101',
    JSON.stringify(Array.from({ length: 101 }, (_, i) => ({ t: 'ping', id: i + 1 }))),
    'too_large',
  ),
  text('a batch in a batch', '[[{"t":"ping","id":1}]]', 'bad_frame'),
  text('null in a batch', '[null]', 'bad_frame'),
  text('no id', (scene) => JSON.stringify({ ...goodSend(scene), t: 'message.send' }), 'bad_frame'),
  text('id 0', withId(0), 'bad_frame'),
  text('id −1', withId(-1), 'bad_frame'),
  text('id 1.5', withId(1.5), 'bad_frame'),
  text('id 2³²', withId(2 ** 32), 'bad_frame'),
  text('id as text', withId('7'), 'bad_frame'),
  text('id null', withId(null), 'bad_frame'),
  text('id as a list', withId([7]), 'bad_frame'),
  text('id as a number JSON cannot hold', '{"t":"ping","id":1e400}', 'bad_frame'),
  text('no t', `{"id":${NEVER_USED_ID}}`, 'unknown_type', NEVER_USED_ID),
  text('t as a number', `{"id":${NEVER_USED_ID},"t":5}`, 'unknown_type', NEVER_USED_ID),
  text('t empty', `{"id":${NEVER_USED_ID},"t":""}`, 'unknown_type', NEVER_USED_ID),
  text('a reply as command', `{"id":${NEVER_USED_ID},"t":"ok"}`, 'unknown_type', NEVER_USED_ID),
  text(
    'an event as command',
    (scene) => JSON.stringify({ t: 'event', id: NEVER_USED_ID, chat: scene.own, rev: 4 }),
    'unknown_type',
    NEVER_USED_ID,
  ),
  text('JSON 40 levels deep', `{"t":"ping","id":${NEVER_USED_ID},"x":${nested(40)}}`, 'invalid', NEVER_USED_ID),
  text('JSON 9,000 levels deep', `{"t":"ping","id":${NEVER_USED_ID},"x":${nested(9_000)}}`, 'invalid', NEVER_USED_ID),
  text(
    '__proto__ as a field of data',
    (scene) =>
      `{"t":"message.send","id":${NEVER_USED_ID},"chat":"${scene.foreign}","clientId":"p","kind":"text","text":"x","data":{"__proto__":{"role":"owner"}},"__proto__":{"admin":true}}`,
    'not_found',
    NEVER_USED_ID,
  ),
];

export const BAD_BYTES: BadFrame[] = [
  bytes(
    'a binary message on a JSON connection',
    () => encodeFrame(OPCODE.binary, Buffer.from('{"t":"ping","id":1}')),
    1003,
  ),
  bytes('invalid UTF-8: a stray continuation byte', () => encodeFrame(OPCODE.text, utf8(0x80)), 1007),
  bytes('invalid UTF-8: an overlong slash', () => encodeFrame(OPCODE.text, utf8(0xc0, 0xaf)), 1007),
  bytes('invalid UTF-8: an encoded surrogate', () => encodeFrame(OPCODE.text, utf8(0xed, 0xa0, 0x80)), 1007),
  bytes('invalid UTF-8: above U+10FFFF', () => encodeFrame(OPCODE.text, utf8(0xf4, 0x90, 0x80, 0x80)), 1007),
  bytes('invalid UTF-8: a cut character', () => encodeFrame(OPCODE.text, utf8(0xe3, 0x81)), 1007),
  bytes(
    'a message over 64 KiB',
    () => encodeFrame(OPCODE.text, Buffer.from(JSON.stringify({ t: 'ping', id: 1, x: 'x'.repeat(66_000) }))),
    1009,
  ),
  bytes(
    'a message of 64 KiB in many fragments, and more',
    () =>
      Buffer.concat([
        encodeFrame(OPCODE.text, Buffer.alloc(40_000, 0x20), { fin: false }),
        encodeFrame(OPCODE.continuation, Buffer.alloc(40_000, 0x20), { fin: true }),
      ]),
    1009,
  ),
  bytes(
    'a frame that announces 2⁴⁰ bytes',
    () => encodeFrame(OPCODE.text, Buffer.from('x'), { announce: 2 ** 40 }),
    1009,
  ),
  bytes('an unmasked frame', () => encodeFrame(OPCODE.text, Buffer.from('{"t":"ping","id":1}'), { mask: false }), 1002),
  bytes('reserved bits', () => encodeFrame(OPCODE.text, Buffer.from('{"t":"ping","id":1}'), { rsv: 3 }), 1002),
  bytes('a reserved opcode', () => encodeFrame(5, Buffer.from('x')), 1002),
  bytes('a ping in fragments', () => encodeFrame(OPCODE.ping, Buffer.from('x'), { fin: false }), 1002),
  bytes('a ping of 126 bytes', () => encodeFrame(OPCODE.ping, Buffer.alloc(126)), 1002),
  bytes('a continuation of nothing', () => encodeFrame(OPCODE.continuation, Buffer.from('x')), 1002),
  bytes(
    'a message begun inside another',
    () =>
      Buffer.concat([
        encodeFrame(OPCODE.text, Buffer.from('{'), { fin: false }),
        encodeFrame(OPCODE.text, Buffer.from('}')),
      ]),
    1002,
  ),
  bytes('a close with half a code', () => encodeFrame(OPCODE.close, Buffer.from([3])), 1002),
  bytes('a close with the forbidden code 1005', () => encodeFrame(OPCODE.close, Buffer.from([3, 0xed])), 1002),
];
