import { expect, test } from 'vitest';
import { addressOf, handshakeFault, plainFault, upgradeRequest } from './upgrade-request.ts';

const response = (bytes: number[], text: string) => ({
  getRemoteAddress: () => Uint8Array.from(bytes).buffer,
  getRemoteAddressAsText: () => Uint8Array.from(Buffer.from(text)).buffer,
});

test('addresses read as node writes them', () => {
  expect(addressOf(response([192, 0, 2, 1], ''))).toBe('192.0.2.1');
  expect(addressOf(response([...new Uint8Array(10), 255, 255, 192, 0, 2, 1], ''))).toBe('::ffff:192.0.2.1');
  expect(addressOf(response([0x20, 0x01, ...new Uint8Array(13), 1], '2001::1'))).toBe('2001::1');
});

/** A request with the headers given and no others. */
const request = (headers: Record<string, string>, method = 'get') => ({
  getHeader: (name: string) => headers[name] ?? '',
  getMethod: () => method,
  getUrl: () => '/x',
});

test('missing headers are undefined or empty', () => {
  expect(upgradeRequest(request({}), 'a')).toEqual({
    path: '/x',
    origin: undefined,
    host: undefined,
    protocols: [],
    address: 'a',
  });
});

test('a handshake needs upgrade, version and a key of 16 bytes in base64', () => {
  const good = {
    upgrade: 'WebSocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': Buffer.alloc(16, 7).toString('base64'),
  };
  expect(handshakeFault(request(good))).toBeUndefined();
  expect(handshakeFault(request({ ...good, upgrade: 'h2c' }))).toBe(400);
  expect(handshakeFault(request({ ...good, 'sec-websocket-version': '12' }))).toBe(400);
  expect(handshakeFault(request({ ...good, 'sec-websocket-key': Buffer.alloc(15).toString('base64') }))).toBe(400);
});

test('a plain request is told to upgrade, a broken upgrade what is wrong with it', () => {
  expect(plainFault(request({}))).toBe(426);
  expect(plainFault(request({ upgrade: 'websocket' }))).toBe(400);
  expect(plainFault(request({ upgrade: 'websocket' }, 'post'))).toBe(405);
});
