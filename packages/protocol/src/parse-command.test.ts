import { describe, expect, it } from 'vitest';
import { jsonCodec } from './json-codec.ts';
import { parseCommand } from './parse-command.ts';

const send = { t: 'message.send', id: 1, clientId: 'c1', chat: 'chat1', kind: 'text', text: 'hello' };

/** The error a frame is answered with: id, name and path. */
function errorOf(frame: unknown) {
  const parsed = parseCommand(frame);
  if (!('error' in parsed)) throw new Error('was accepted');
  const { name, path } = parsed.error;
  return path === undefined ? [parsed.id, name] : [parsed.id, name, path];
}

describe('parseCommand', () => {
  it('gives the fields of a command without t, id and what it does not know', () => {
    const { t, id, ...fields } = send;
    expect(parseCommand({ ...send, novel: 1 })).toEqual({ id, type: t, fields });
  });

  it.each([[null], ['ping'], [5], [[send]]])('%j is no frame', (frame) => {
    expect(errorOf(frame)).toEqual([0, 'bad_frame']);
  });

  it.each([[0], [-1], [1.5], ['7'], [null], [2 ** 32], [true]])('id %j is unusable', (id) => {
    expect(errorOf({ ...send, id })).toEqual([0, 'bad_frame']);
  });

  it('the largest id is 2³²−1', () => {
    expect(parseCommand({ t: 'ping', id: 2 ** 32 - 1 })).toMatchObject({ id: 2 ** 32 - 1, type: 'ping' });
  });

  it('an unknown command is answered under its id, also one named like a property of objects', () => {
    for (const t of ['search', 'constructor', '__proto__', 7, undefined])
      expect(errorOf({ t, id: 4 })).toEqual([4, 'unknown_type']);
  });

  it('only watermarks, typing, activity and pong may come without id', () => {
    expect(errorOf({ t: 'ping' })).toEqual([0, 'bad_frame']);
    expect(parseCommand({ t: 'pong' })).toEqual({ id: 0, type: 'pong', fields: {} });
    expect(parseCommand({ t: 'read', chat: 'c', seq: 3 })).toMatchObject({ id: 0, type: 'read' });
  });

  it('names the path of what is wrong', () => {
    expect(errorOf({ ...send, clientId: 'no spaces' })).toEqual([1, 'invalid', 'clientId']);
    expect(errorOf({ t: 'users.get', id: 2, users: ['a', ''] })).toEqual([2, 'invalid', 'users.1']);
    expect(errorOf({ t: 'history', id: 2, chat: 'c', limit: 101 })).toEqual([2, 'invalid', 'limit']);
  });

  it('refuses integers JSON cannot hold exactly', () => {
    expect(errorOf({ t: 'read', id: 1, chat: 'c', seq: 2 ** 53 })).toEqual([1, 'invalid', 'seq']);
  });

  it('what is only too big is too_large, in bytes of UTF-8', () => {
    expect(errorOf({ ...send, text: '가'.repeat(5462) })).toEqual([1, 'too_large']);
    expect(parseCommand({ ...send, text: '가'.repeat(5461) })).toMatchObject({ type: 'message.send' });
    expect(errorOf({ t: 'users.get', id: 2, users: Array.from({ length: 201 }, (_, i) => `u${i}`) })).toEqual([
      2,
      'too_large',
    ]);
    expect(errorOf({ ...send, clientId: '', text: 'x'.repeat(20_000) })).toEqual([1, 'invalid', 'clientId']);
  });

  it('allows a frame of depth 32, itself counted, and nothing deeper, wherever it stands', () => {
    const nested = (levels: number) => JSON.parse('{"a":'.repeat(levels) + '1' + '}'.repeat(levels)) as object;
    expect(parseCommand({ ...send, kind: 'custom', data: nested(31) })).toMatchObject({ id: 1, type: 'message.send' });
    expect(errorOf({ ...send, kind: 'custom', data: nested(32) })).toEqual([1, 'invalid', 'data']);
    expect(errorOf({ t: 'ping', id: 3, novel: nested(32) })).toEqual([3, 'invalid', 'novel']);
  });

  it('survives the deepest message that fits in a frame', () => {
    const text = `{"t":"ping","id":1,"x":${'['.repeat(32_000)}${']'.repeat(32_000)}}`;
    expect(errorOf(jsonCodec.decode(text).frames![0])).toEqual([1, 'invalid', 'x']);
  });
});
