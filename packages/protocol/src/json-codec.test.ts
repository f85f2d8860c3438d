import { describe, expect, it } from 'vitest';
import { wireError } from './errors.ts';
import { jsonCodec } from './json-codec.ts';

const batchOf = (frames: number) => JSON.stringify(Array.from({ length: frames }, () => ({})));

describe('jsonCodec', () => {
  it('takes one frame or an array of up to 100', () => {
    expect(jsonCodec.decode('{"t":"ping","id":1}')).toEqual({ frames: [{ t: 'ping', id: 1 }] });
    expect(jsonCodec.decode('[{"t":"pong"},{"t":"pong"}]')).toEqual({ frames: [{ t: 'pong' }, { t: 'pong' }] });
    expect(jsonCodec.decode(batchOf(100)).frames).toHaveLength(100);
  });

  it('refuses what is no JSON, an empty batch and more than 100 frames', () => {
    expect(jsonCodec.decode('{"t":')).toEqual({ error: 'bad_frame' });
    expect(jsonCodec.decode('')).toEqual({ error: 'bad_frame' });
    expect(jsonCodec.decode('[]')).toEqual({ error: 'bad_frame' });
    expect(jsonCodec.decode(batchOf(101))).toEqual({ error: 'too_large' });
  });

  it('writes replies under their id and pushes without', () => {
    expect(jsonCodec.encodeOk(7, { rev: 3 })).toBe('{"t":"ok","id":7,"rev":3}');
    expect(JSON.parse(jsonCodec.encodeErr(0, wireError('bad_frame')) as string)).toMatchObject({
      t: 'err',
      id: 0,
      error: { code: 100, name: 'bad_frame', temporary: false },
    });
    expect(jsonCodec.encodePush({ t: 'ping' })).toBe('{"t":"ping"}');
  });
});
