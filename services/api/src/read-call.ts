import { isDurableCommand, type CommandType } from '@garam/protocol/commands';
import { Refusal } from '@garam/protocol/errors';
import { parseFields } from '@garam/protocol/parse-command';
import type { CommandCall } from './command-call.ts';

const ATTEMPT_MIN = 2;

/**
 * The fields of a call from its body and its `Idempotency-Key`, which is the `clientId` of durable commands.
 * @throws Refusal `invalid` · `too_large` · `bad_frame`
 */
export function readCall<T extends CommandType>(
  type: T,
  body: unknown,
  idempotencyKey: string | undefined,
): Pick<CommandCall<T>, 'type' | 'fields' | 'attempt'> {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new Refusal('bad_frame', { message: 'The body is not a JSON object.' });
  const input = isDurableCommand(type) ? withClientId(body, idempotencyKey) : body;
  const parsed = parseFields(type, input);
  if (parsed.error !== undefined) {
    const { name, message, path } = parsed.error;
    throw new Refusal(name, { message, ...(path === undefined ? {} : { path }) });
  }
  const { attempt = ATTEMPT_MIN } = parsed.fields as { attempt?: number };
  return { type, fields: parsed.fields, attempt: Math.max(ATTEMPT_MIN, attempt) };
}

function withClientId(body: object, idempotencyKey: string | undefined): object {
  const { clientId } = body as { clientId?: unknown };
  const key = unquoted(idempotencyKey);
  if (key === undefined && clientId === undefined)
    throw new Refusal('invalid', { message: 'Idempotency-Key or clientId is required', path: 'clientId' });
  if (key !== undefined && clientId !== undefined && clientId !== key)
    throw new Refusal('invalid', { message: 'differs from the Idempotency-Key', path: 'clientId' });
  return key === undefined ? body : { ...body, clientId: key };
}

/** The header's draft writes the key as a quoted string; plain ones are common. */
function unquoted(header: string | undefined): string | undefined {
  return header === undefined ? undefined : (/^"(.*)"$/.exec(header)?.[1] ?? header);
}
