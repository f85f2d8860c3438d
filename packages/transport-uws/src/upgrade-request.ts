import type { UpgradeRequest } from '@garam/transport/transport';
import type { UwsRequest, UwsResponse } from './uws-module.ts';

const KEY = /^[+/0-9A-Za-z]{22}==$/;

/** What is wrong with the handshake (RFC 6455, 4.2.1), as an HTTP status; undefined when nothing is. */
export function handshakeFault(request: UwsRequest): number | undefined {
  const isWebSocket = request.getHeader('upgrade').toLowerCase() === 'websocket';
  const isVersion = request.getHeader('sec-websocket-version') === '13';
  return isWebSocket && isVersion && KEY.test(request.getHeader('sec-websocket-key')) ? undefined : 400;
}

/** How a request is refused that the library does not take for an upgrade. */
export function plainFault(request: UwsRequest): number {
  if (request.getHeader('upgrade') === '') return 426;
  return request.getMethod() === 'get' ? 400 : 405;
}

/** The library's request, which is valid during its handler only, as the port's. */
export function upgradeRequest(request: UwsRequest, address: string): UpgradeRequest {
  return {
    path: request.getUrl(),
    origin: request.getHeader('origin') || undefined,
    host: request.getHeader('host') || undefined,
    protocols: request
      .getHeader('sec-websocket-protocol')
      .split(',')
      .map((protocol) => protocol.trim())
      .filter((protocol) => protocol !== ''),
    address,
  };
}

/** The peer's address; an IPv4 address behind an IPv6 socket as node writes it: `::ffff:192.0.2.1`. */
export function addressOf(response: Pick<UwsResponse, 'getRemoteAddress' | 'getRemoteAddressAsText'>): string {
  const bytes = new Uint8Array(response.getRemoteAddress());
  if (
    bytes.length === 16 &&
    bytes[10] === 255 &&
    bytes[11] === 255 &&
    bytes.subarray(0, 10).every((byte) => byte === 0)
  )
    return `::ffff:${bytes.subarray(12).join('.')}`;
  return bytes.length === 4 ? bytes.join('.') : Buffer.from(response.getRemoteAddressAsText()).toString();
}
