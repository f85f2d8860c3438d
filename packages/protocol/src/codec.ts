import type { ErrorName, WireError } from './errors.ts';
import type { Push } from './pushes.ts';

/** What a WebSocket message is made of: a string goes as text, bytes go as binary. */
export type Payload = string | Uint8Array;

/** One form of the wire (JSON, protobuf). Stateless; shared by all connections. */
export interface Codec {
  /** The WebSocket subprotocol that asks for it. */
  readonly subprotocol: string;
  /** Its WebSocket messages are binary ones; the other kind is closed with 1003. */
  readonly binary: boolean;

  /** Splits a WebSocket message into frames, not yet validated. Never throws. */
  decode(payload: Payload): DecodedMessage;

  encodeOk(id: number, fields: object): Payload;
  encodeErr(id: number, error: WireError): Payload;
  encodePush(push: Push): Payload;
}

/** The frames of one message, or why there are none. A frame is whatever stands there: `parseCommand` judges it. */
export type DecodedMessage =
  | { frames: readonly unknown[]; error?: undefined }
  | { frames?: undefined; error: ErrorName };
