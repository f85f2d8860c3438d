/**
 * Cuts a byte stream from a WebSocket server into messages (RFC 6455). Payloads are views into the chunk and valid
 * only during the call: the connection reads every socket through one buffer.
 */
export class FrameReader {
  readonly #sink: FrameSink;
  #rest: Buffer | null = null;
  #fragments: Buffer[] = [];

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  push(chunk: Buffer): void {
    const data = this.#rest === null ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = null;
    let at = 0;
    for (;;) {
      const end = this.#readFrame(data, at);
      if (end === INCOMPLETE) break;
      at = end;
    }
    if (at < data.length) this.#rest = Buffer.from(data.subarray(at));
  }

  /** Handles one frame at `at`; returns where the next one begins. */
  #readFrame(data: Buffer, at: number): number {
    if (data.length - at < 2) return INCOMPLETE;
    const first = data[at]!;
    const short = data[at + 1]! & 0x7f;
    let start = at + 2;
    let length = short;
    if (short === 126) {
      if (data.length - at < 4) return INCOMPLETE;
      length = data.readUInt16BE(at + 2);
      start = at + 4;
    } else if (short === 127) {
      if (data.length - at < 10) return INCOMPLETE;
      length = data.readUInt32BE(at + 2) * 2 ** 32 + data.readUInt32BE(at + 6);
      start = at + 10;
    }
    if (data.length - start < length) return INCOMPLETE;
    this.#deliver(first & 0x0f, (first & 0x80) !== 0, data.subarray(start, start + length));
    return start + length;
  }

  #deliver(opcode: number, final: boolean, payload: Buffer): void {
    if (opcode >= 8) {
      this.#sink.control(opcode, payload);
      return;
    }
    if (final && this.#fragments.length === 0) {
      this.#sink.message(payload);
      return;
    }
    this.#fragments.push(Buffer.from(payload));
    if (!final) return;
    const whole = Buffer.concat(this.#fragments);
    this.#fragments = [];
    this.#sink.message(whole);
  }
}

export interface FrameSink {
  message(payload: Buffer): void;
  /** Close (8), ping (9) or pong (10). */
  control(opcode: number, payload: Buffer): void;
}

const INCOMPLETE = -1;
