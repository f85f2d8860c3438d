const TEXT = 0x81;
const BINARY = 0x82;

/** A whole WebSocket message as one unmasked frame (RFC 6455, 5.2), as servers send it. */
export function encodeFrame(payload: string | Uint8Array): Buffer {
  const isText = typeof payload === 'string';
  const length = isText ? Buffer.byteLength(payload) : payload.length;
  const start = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(start + length);
  frame[0] = isText ? TEXT : BINARY;
  if (start === 2) frame[1] = length;
  else if (start === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeUInt32BE(Math.floor(length / 2 ** 32), 2);
    frame.writeUInt32BE(length >>> 0, 6);
  }
  if (isText) frame.write(payload, start);
  else frame.set(payload, start);
  return frame;
}
