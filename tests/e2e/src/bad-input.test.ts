import { describe, expect, it } from 'vitest';
import { BAD_COMMANDS, BAD_SENDS } from './bad-fields.ts';
import { BAD_BYTES, BAD_TEXTS, type BadFrame } from './bad-frames.ts';
import { BAD_REQUESTS, type BadRequest } from './bad-http.ts';
import { expectUnharmed, goodSend, newScene, type Scene } from './bad-scene.ts';
import { expectProblem, readAnswer } from './http-client.ts';
import { userId } from './names.ts';
import { RawSocket, rawHttp } from './raw-socket.ts';
import { tokenFor } from './tokens.ts';
import { apiUrl, gatewayUrl } from './topology.ts';
import { expectError, openSocket } from './ws-client.ts';

/**
 * Every row: the exact answer, then the process, the other connections and everything
 * stored are as before.
 */
describe('bad input', () => {
  it('has at least 80 rows', () => {
    const rows = BAD_SENDS.length + BAD_COMMANDS.length + BAD_TEXTS.length + BAD_BYTES.length + BAD_REQUESTS.length;
    expect(rows).toBeGreaterThanOrEqual(80);
  });

  describe('fields', () => {
    for (const { name, t, fields, error, path } of [...BAD_SENDS, ...BAD_COMMANDS]) {
      it(`${name} → ${error}${path === undefined ? '' : ` at ${path}`}`, async () => {
        const scene = await newScene();
        const answer = await scene.attacker.refused(error, t, fields(scene));
        expect(answer.path).toBe(path);
        await scene.attacker.ok('ping');
        await expectUnharmed(scene);
      });
    }
  });

  describe('frames', () => {
    for (const row of [...BAD_TEXTS, ...BAD_BYTES]) {
      it(`${row.name} → ${row.error ?? `close ${row.close}`}`, async () => {
        const scene = await newScene();
        row.send(scene);
        await expectAnswer(scene, row);
        await expectUnharmed(scene);
      });
    }

    it('a message cut by the end of the connection → nothing', async () => {
      const scene = await newScene();
      const whole = JSON.stringify({ ...goodSend(scene), t: 'message.send', id: 77 });
      scene.attacker.raw.sendFrame(1, Buffer.from(whole.slice(0, 40)), { announce: whole.length });
      scene.attacker.raw.destroy();
      await expectUnharmed(scene);
    });

    it('ten frames without a usable id → ten errors, then close 4505', async () => {
      const scene = await newScene();
      for (let i = 0; i < 10; i++) scene.attacker.raw.sendText('{"t":"ping"}');
      await scene.attacker.closedWith(4505);
      const errors = scene.attacker.frames.filter((frame) => frame.t === 'err');
      expect(errors).toHaveLength(10);
      for (const error of errors) expect(error).toMatchObject({ id: 0, error: { name: 'bad_frame' } });
      await expectUnharmed(scene);
    });

    it('nine of them among good ones → the connection lives', async () => {
      const scene = await newScene();
      for (let i = 0; i < 9; i++) {
        scene.attacker.raw.sendText('[]');
        await scene.attacker.ok('ping');
      }
      await expectUnharmed(scene);
    });
  });

  describe('hello', () => {
    const device = { id: 'd1', platform: 'web' };
    const rows: [string, (token: string) => Record<string, unknown>, string, string | undefined][] = [
      ['an empty token', () => ({ token: '', device }), 'unauthenticated', undefined],
      ['a token that is a number', () => ({ token: 5, device }), 'unauthenticated', undefined],
      ['a token of garbage', () => ({ token: '가나다', device }), 'token_invalid', undefined],
      ['no device', (token) => ({ token }), 'invalid', 'device'],
      ['a device id that is no id', (token) => ({ token, device: { ...device, id: 'a b' } }), 'invalid', 'device.id'],
      ['open as an object', (token) => ({ token, device, open: {} }), 'invalid', 'open'],
      ['a cursor without rev', (token) => ({ token, device, open: [{ chat: 'c', seq: 1 }] }), 'invalid', 'open.0.rev'],
    ];
    for (const [name, fields, error, path] of rows) {
      it(`${name} → ${error}, close 4501`, async () => {
        const scene = await newScene();
        const client = await openSocket('nobody');
        const answer = await client.refused(error, 'hello', fields(await tokenFor(userId('nobody'))));
        expect(answer.path).toBe(path);
        await client.closedWith(4501);
        await expectUnharmed(scene);
      });
    }
  });

  describe('upgrades', () => {
    const rows: [string, Parameters<typeof RawSocket.open>[1], number[]][] = [
      ['another version of WebSocket', { headers: { 'Sec-WebSocket-Version': '12' } }, [400, 426]],
      ['no key', { headers: { 'Sec-WebSocket-Key': '' } }, [400]],
      ['a key that is too short', { headers: { 'Sec-WebSocket-Key': 'abc' } }, [400]],
      ['an upgrade to something else', { headers: { Upgrade: 'h2c' } }, [400, 426]],
      ['an upgrade by POST', { method: 'POST' }, [400, 404, 405]],
      ['an upgrade elsewhere', { path: '/v1/message.send' }, [404]],
    ];
    for (const [name, options, statuses] of rows) {
      it(`${name} → refused with ${statuses.join(' or ')}`, async () => {
        const scene = await newScene();
        const raw = await RawSocket.open(gatewayUrl('default'), options);
        expect(statuses).toContain(raw.answer.status);
        raw.destroy();
        await expectUnharmed(scene);
      });
    }
  });

  describe('HTTP', () => {
    for (const row of BAD_REQUESTS) {
      it(`${row.name} → ${row.status} ${row.error ?? ''}`, async () => {
        const scene = await newScene();
        const answer = await request(scene, row);
        expect(answer.status).toBe(row.status);
        if (row.error !== undefined) expectProblem(answer, row.error);
        await expectUnharmed(scene);
      });
    }

    it('no HTTP at all → 400', async () => {
      const scene = await newScene();
      expect(await rawHttp(apiUrl('default'), 'EHLO garam\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
      await expectUnharmed(scene);
    });

    it('headers of 100 KB → 431', async () => {
      const scene = await newScene();
      const head = `GET /livez HTTP/1.1\r\nHost: x\r\nX-Big: ${'x'.repeat(100_000)}\r\n\r\n`;
      expect(await rawHttp(apiUrl('default'), head)).toMatch(/^HTTP\/1\.1 431 /);
      await expectUnharmed(scene);
    });
  });

  describe('floods', () => {
    it('fifty connections that say nothing disturb nobody', async () => {
      const scene = await newScene();
      const sockets = await Promise.all(Array.from({ length: 50 }, () => openSocket('silent')));
      await expectUnharmed(scene);
      for (const socket of sockets) socket.raw.destroy();
    });

    it('1,500 sends into a chat one is not in → refusals, nothing stored', async () => {
      const scene = await newScene();
      let id = 10_000;
      for (let i = 0; i < 15; i++) {
        const frames = Array.from({ length: 100 }, () => ({
          ...goodSend(scene),
          chat: scene.foreign,
          t: 'message.send',
          id: id++,
        }));
        scene.attacker.raw.sendText(JSON.stringify(frames));
      }
      await scene.attacker.closedWith(4009, 15_000);
      const names = new Set(
        scene.attacker.frames.filter((frame) => frame.t === 'err').map((frame) => frame['error'].name),
      );
      expect([...names].filter((name) => name !== 'not_found' && name !== 'rate_limited')).toEqual([]);
      await expectUnharmed(scene);
    });
  });
});

async function expectAnswer({ attacker }: Scene, row: BadFrame): Promise<void> {
  if (row.close !== undefined) {
    await attacker.closedWith(row.close);
    return;
  }
  const reply = await attacker.until((frame) => frame.t === 'err', row.error);
  expectError(reply, row.error ?? '');
  expect(reply['id']).toBe(row.id);
  await attacker.ok('ping');
}

async function request(scene: Scene, row: BadRequest): Promise<Awaited<ReturnType<typeof readAnswer>>> {
  const token = row.anonymous === true ? {} : { authorization: `Bearer ${await tokenFor(scene.attacker.user)}` };
  const body = row.body?.(scene);
  const answer = await fetch(`${apiUrl('default')}${row.path}`, {
    method: row.method ?? 'POST',
    headers: { 'content-type': 'application/json', ...token, ...row.headers },
    ...(body === undefined ? {} : { body }),
  });
  return readAnswer(answer);
}
