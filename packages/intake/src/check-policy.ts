import { wireError, type WireError } from '@garam/protocol/errors';
import { isService } from '@garam/views/decide-access';
import { directPeople } from './derive-chat-id.ts';
import type { SubmitRequest } from './submit-request.ts';

export interface Policy {
  /** Lower case, NFKC. */
  blockedWords: readonly string[];
}

/** What can be refused for good without reading anything. */
export function checkPolicy(request: SubmitRequest, policy: Policy, nowMs: number): WireError | undefined {
  switch (request.type) {
    case 'message.send':
      if (request.actor.silencedUntil > nowMs) return wireError('silenced');
      if (request.fields.kind === 'system' && !isService(request.actor.id))
        return wireError('forbidden', { message: 'Only services may post system messages.' });
      return checkWords(request.fields.text, policy);
    case 'message.edit':
      return checkWords(request.fields.text, policy);
    case 'chat.create':
      return checkPeople(request);
    default:
      return undefined;
  }
}

function checkWords(text: string | undefined, { blockedWords }: Policy): WireError | undefined {
  if (text === undefined || blockedWords.length === 0) return undefined;
  const plain = text.normalize('NFKC').toLowerCase();
  return blockedWords.some((word) => plain.includes(word))
    ? wireError('forbidden', { message: 'The text contains a word that is not allowed here.' })
    : undefined;
}

function checkPeople({ actor, fields }: Extract<SubmitRequest, { type: 'chat.create' }>): WireError | undefined {
  const people = directPeople(actor.id, fields.members).length;
  if (people === 0 || (fields.kind === 'direct' && fields.members.length === 0))
    return wireError('invalid', { message: 'required', path: 'members' });
  return fields.kind === 'direct' && people > 2
    ? wireError('invalid', { message: 'a direct chat has two people', path: 'members' })
    : undefined;
}
