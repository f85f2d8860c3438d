import { connect, type Socket } from 'node:net';
import { systemClock } from '@garam/runtime/system-clock';
import { until } from '@garam/testkit/until';
import type { Connection } from '@garam/transport/transport';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createUwsTransport, type UwsTransport } from './create-uws-transport.ts';
import { loadUws } from './load-uws.ts';

const uws = await loadUws(process.env['GARAM_UWS_MODULE']);
const FRAME_BYTES = 65_536;
const VERSION_AND_KEY = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';
const MASK = Buffer.alloc(4);

let transport: UwsTransport;
let connections: Connection[];
let closes: number[];
let messages: number;
let sockets: Socket[];

beforeEach(async () => {
  [connections, messages, sockets] = [[], 0, []];
  // The ends of one test's connections are told after it, to their own list.
  const ownCloses: number[] = [];
  closes = ownCloses;
  transport = createUwsTransport(
    { clock: systemClock, uws },
    { port: 0, frameBytes: FRAME_BYTES, closeTimeoutMs: 2_000 },
  );
  await transport.start({
    accept: () => ({ protocol: 'default' }),
    opened(connection) {
      connections.push(connection);
      return { message: () => void messages++, closed: (code) => void ownCloses.push(code) };
    },
  });
});

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await transport.stop();
});

/** A TCP connection that has asked for an upgrade, everything it received, and whether it has ended. */
async function upgraded({ headers = VERSION_AND_KEY, allowHalfOpen = false } = {}) {
  const socket = connect({ port: transport.port(), host: '127.0.0.1', allowHalfOpen });
  sockets.push(socket);
  const seen = { bytes: Buffer.alloc(0), isEnded: false, head: '' };
  socket.on('data', (data) => void (seen.bytes = Buffer.concat([seen.bytes, data])));
  socket.on('error', () => undefined);
  socket.on('close', () => void (seen.isEnded = true));
  socket.write(`GET /x HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${headers}\r\n`);
  await until(() => seen.bytes.includes('\r\n\r\n'), 'an answer to the upgrade');
  seen.head = seen.bytes.toString('latin1', 0, seen.bytes.indexOf('\r\n\r\n'));
  const status = seen.head.slice(9, 12);
  seen.bytes = seen.bytes.subarray(seen.bytes.indexOf('\r\n\r\n') + 4);
  return { socket, seen, status };
}

function frame(opcode: number, payload: Uint8Array): Buffer {
  const length = Buffer.alloc(9);
  length[0] = 0x80 | 127;
  length.writeBigUInt64BE(BigInt(payload.length), 1);
  const short = payload.length < 126 ? Buffer.of(0x80 | payload.length) : length;
  return Buffer.concat([Buffer.of(0x80 | opcode), short, MASK, payload]);
}

describe('upgrades', () => {
  test.each([
    'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAAAA\r\n',
    VERSION_AND_KEY.replace('13', '8'),
  ])('one without a usable key or with another version is refused with 400', async (headers) => {
    expect((await upgraded({ headers })).status).toBe('400');
    expect(connections).toEqual([]);
  });

  test('a protocol that was not asked for is not named', async () => {
    const { seen, status } = await upgraded();
    expect([status, seen.head.toLowerCase()]).toEqual(['101', expect.not.stringContaining('sec-websocket-protocol')]);
  });

  test('plain requests are answered with 426', async () => {
    expect((await fetch(`http://127.0.0.1:${transport.port()}/x`)).status).toBe(426);
  });

  test('a port that is taken is an error', async () => {
    const second = createUwsTransport({ clock: systemClock, uws }, { port: transport.port(), frameBytes: FRAME_BYTES });
    await expect(
      second.start({ accept: () => ({ status: 503 }), opened: () => ({ message() {}, closed() {} }) }),
    ).rejects.toThrow('cannot be listened on');
  });
});

describe('broken and hostile peers', () => {
  test.each([
    ['invalid UTF-8', frame(1, Buffer.of(0xc0, 0xaf)), 1007],
    ['a reserved opcode', frame(5, Buffer.of(1)), 1002],
    ['a message far too big', frame(2, Buffer.alloc(2_000_000)), 1009],
  ])('%s ends the connection with its reason on this side', async (_name, bytes, code) => {
    const { socket, seen } = await upgraded();
    socket.write(bytes);
    await until(() => seen.isEnded && closes.length === 1, 'the connection to end');
    expect([closes, messages]).toEqual([[code], 0]);
  });

  test('a ping is answered with its payload', async () => {
    const { socket, seen } = await upgraded();
    socket.write(frame(9, Buffer.from('가')));
    await until(() => seen.bytes.length > 2, 'a pong');
    expect(seen.bytes).toEqual(Buffer.concat([Buffer.of(0x8a, 3), Buffer.from('가')]));
  });

  test('pings of a peer that does not read do not pile up answers: it is cut', async () => {
    const { socket } = await upgraded();
    socket.pause();
    connections[0]!.send(new Uint8Array(20_000_000));
    for (let count = 0; count < 1_000; count++) socket.write(frame(9, Buffer.alloc(100)));
    await until(() => closes.length === 1, 'the connection to end');
    expect(closes).toEqual([1006]);
  });

  test('what arrives while reading is paused is held within a bound, then the peer is cut', async () => {
    const { socket } = await upgraded();
    connections[0]!.pauseReading();
    for (let count = 0; count < 40; count++) socket.write(frame(2, Buffer.alloc(60_000)));
    await until(() => closes.length === 1, 'the connection to end');
    expect([closes, messages]).toEqual([[1006], 0]);
  });

  test('a close waits until the peer has taken everything sent before it', async () => {
    const { socket, seen } = await upgraded();
    socket.pause();
    connections[0]!.send(new Uint8Array(5_000_000));
    connections[0]!.close(4001, 'draining');
    socket.resume();
    await until(() => closes.length === 1, 'the connection to end');
    await until(() => seen.isEnded, 'the end of the socket');
    expect([seen.bytes.length, closes]).toEqual([10 + 5_000_000 + 2 + 2 + 'draining'.length, [4001]]);
    expect(seen.bytes.readUInt16BE(seen.bytes.length - 10)).toBe(4001);
  });

  test('a closing handshake that cannot leave is cut at its deadline', async () => {
    const { socket } = await upgraded();
    socket.pause();
    connections[0]!.send(new Uint8Array(20_000_000));
    connections[0]!.close(4001, 'draining');
    expect(closes).toEqual([]);
    await until(() => closes.length === 1, 'the connection to end');
    expect(closes).toEqual([1006]);
  });

  test('a peer that never answers a close frame is cut all the same', async () => {
    const { socket, seen } = await upgraded({ allowHalfOpen: true });
    connections[0]!.close(4001, 'draining');
    await until(() => seen.bytes.length > 0, 'the close frame');
    expect(seen.bytes.readUInt16BE(2)).toBe(4001);
    const isCut = () => {
      socket.write(frame(10, Buffer.alloc(0)));
      return seen.isEnded;
    };
    await expect.poll(isCut, { timeout: 25_000, interval: 250 }).toBe(true);
  });
});
