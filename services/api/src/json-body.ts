import { Refusal } from '@garam/protocol/errors';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** A request body as JSON; an empty one is an empty object. @throws Refusal `bad_frame` */
export function parseJsonBody(bytes: Buffer): unknown {
  if (bytes.length === 0) return {};
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    throw new Refusal('bad_frame', { message: 'The body is not JSON in UTF-8.' });
  }
}
