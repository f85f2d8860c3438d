import { hash } from 'node:crypto';
import { canonicalJson } from '@garam/domain/canonical-json';
import type { SubmitRequest } from './submit-request.ts';

/** Version of the canonical form: another form must not make an accepted message look like a conflict. */
const FORM = '1';
const DIGEST_CHARACTERS = 22;

/**
 * What the user's own fields say, in short: the same for every repetition of a command, whatever edge and version
 * encodes it. `clientId` and `attempt` are not part of it.
 */
export function digestCommand(request: Pick<SubmitRequest, 'type' | 'fields'>): string {
  return FORM + hash('sha256', canonicalForm(request), 'base64url').slice(0, DIGEST_CHARACTERS);
}

function canonicalForm({ type, fields }: Pick<SubmitRequest, 'type' | 'fields'>): string {
  if (type === 'message.send' && isPlainText(fields))
    return `${type} {"kind":"text","text":${JSON.stringify(fields.text)}}`;
  const own: Record<string, unknown> = { ...fields };
  delete own['clientId'];
  delete own['attempt'];
  delete own['chat'];
  return `${type} ${canonicalJson(own)}`;
}

/** The usual message: its canonical form is written without a walk. */
function isPlainText(fields: SubmitRequest['fields']): fields is SubmitRequest['fields'] & { text: string } {
  const send = fields as Extract<SubmitRequest, { type: 'message.send' }>['fields'];
  return (
    send.kind === 'text' &&
    send.text !== undefined &&
    send.data === undefined &&
    send.replyTo === undefined &&
    send.mentions === undefined &&
    send.attachments === undefined
  );
}
