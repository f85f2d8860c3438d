import { Refusal } from '@garam/protocol/errors';

/** The application's JSON object as stored. @throws Refusal `internal` when it is none: the edge only stores objects. */
export function parseStoredJson(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Refusal('internal', { message: 'Stored data cannot be read.' });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Refusal('internal', { message: 'Stored data cannot be read.' });
  return value as Record<string, unknown>;
}
