import type { PreparedMessage } from '@garam/transport/transport';

/** A WebSocket message as bytes; the library puts the frame's header before it. */
export class UwsMessage implements PreparedMessage {
  readonly payload: Uint8Array;
  readonly isBinary: boolean;

  constructor(payload: string | Uint8Array) {
    this.isBinary = typeof payload !== 'string';
    this.payload = Buffer.from(payload as string);
  }

  /** On the wire, with the header. */
  get bytes(): number {
    const { length } = this.payload;
    return length + (length < 126 ? 2 : length < 65_536 ? 4 : 10);
  }
}
