import { randomBytes } from 'node:crypto';

/** RFC 6455 opcodes. */
export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** How a client frame may be broken on purpose. */
export interface FrameShape {
  /** Last frame of its message (default true). */
  fin?: boolean;
  /** Clients must mask (default true). */
  mask?: boolean;
  /** The three reserved bits, 0–7 (default 0). */
  rsv?: number;
  /** Length to announce instead of the payload's. */
  announce?: number;
}

/** One WebSocket frame as bytes. */
export function encodeFrame(opcode: number, payload: Uint8Array, shape: FrameShape = {}): Buffer {
  const { fin = true, mask = true, rsv = 0, announce = payload.length } = shape;
  const first = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  const masked = mask ? 0x80 : 0;
  const head =
    announce < 126
      ? Buffer.from([first, masked | announce])
      : announce < 65_536
        ? Buffer.from([first, masked | 126, announce >> 8, announce & 255])
        : longHead(first, masked, announce);
  if (!mask) return Buffer.concat([head, payload]);
  const key = randomBytes(4);
  const body = Buffer.from(payload);
  for (let i = 0; i < body.length; i++) body[i] = (body[i] as number) ^ (key[i & 3] as number);
  return Buffer.concat([head, key, body]);
}

function longHead(first: number, masked: number, length: number): Buffer {
  const head = Buffer.alloc(10);
  head[0] = first;
  head[1] = masked | 127;
  head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}

export interface ServerFrame {
  fin: boolean;
  opcode: number;
  payload: Buffer;
}

/** Cuts what a server sends into frames; throws when a server frame is masked or uses reserved bits. */
export class FrameParser {
  private buffered: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): ServerFrame[] {
    this.buffered = this.buffered.length === 0 ? chunk : Buffer.concat([this.buffered, chunk]);
    const frames: ServerFrame[] = [];
    for (;;) {
      const frame = this.take();
      if (frame === undefined) return frames;
      frames.push(frame);
    }
  }

  private take(): ServerFrame | undefined {
    const bytes = this.buffered;
    if (bytes.length < 2) return undefined;
    const [first = 0, second = 0] = bytes;
    if ((first & 0x70) !== 0) throw new Error('the server set reserved bits');
    if ((second & 0x80) !== 0) throw new Error('the server masked a frame');
    const short = second & 0x7f;
    const headLength = short === 126 ? 4 : short === 127 ? 10 : 2;
    if (bytes.length < headLength) return undefined;
    const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
    if (bytes.length < headLength + length) return undefined;
    this.buffered = bytes.subarray(headLength + length);
    return { fin: (first & 0x80) !== 0, opcode: first & 15, payload: bytes.subarray(headLength, headLength + length) };
  }
}
