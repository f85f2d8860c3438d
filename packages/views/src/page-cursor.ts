import { Refusal } from '@garam/protocol/errors';

/** Opaque cursors of lists: the key of the last item of a page, as JSON in base64url. */
export function encodePageCursor(key: readonly (string | number | boolean)[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/** @throws Refusal `invalid` at `cursor` when it is none of ours. */
export function decodePageCursor(cursor: string, types: readonly ('string' | 'number' | 'boolean')[]): unknown[] {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(key) && key.length === types.length && key.every((part, index) => typeof part === types[index]))
      return key;
  } catch {
    // Falls through: whatever it is, it is not ours.
  }
  throw new Refusal('invalid', { message: 'not a cursor of this list', path: 'cursor' });
}
