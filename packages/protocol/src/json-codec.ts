import type { Codec, DecodedMessage, Payload } from './codec.ts';
import { BATCH_MAX } from './limits.ts';

/** `garam.v1.json`: a message is a JSON object, or an array of 1–100 of them. */
export const jsonCodec: Codec = {
  subprotocol: 'garam.v1.json',
  binary: false,
  decode,
  encodeOk: (id, fields) => JSON.stringify({ t: 'ok', id, ...fields }),
  encodeErr: (id, error) => JSON.stringify({ t: 'err', id, error }),
  encodePush: (push) => JSON.stringify(push),
};

const BAD_FRAME: DecodedMessage = { error: 'bad_frame' };
const TOO_LARGE: DecodedMessage = { error: 'too_large' };

/** V8 parses without recursion, so depth cannot exhaust the stack here; `parseCommand` bounds it. */
function decode(payload: Payload): DecodedMessage {
  let value: unknown;
  try {
    value = JSON.parse(payload as string);
  } catch {
    return BAD_FRAME;
  }
  if (!Array.isArray(value)) return { frames: [value] };
  if (value.length === 0) return BAD_FRAME;
  return value.length > BATCH_MAX ? TOO_LARGE : { frames: value };
}
