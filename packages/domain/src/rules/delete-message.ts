import { ADMIN_RANK, rankOfActor, type RuleContext } from './actor.ts';
import type { BodyOf } from './body-of.ts';
import { FORBIDDEN, NOT_FOUND, type Verdict } from './verdict.ts';

/** The author, admins and the owner delete a message. */
export function deleteMessage({ state, actor }: RuleContext, { seq, author }: BodyOf<'message.delete'>): Verdict {
  if (seq > state.seq) return NOT_FOUND;
  if (author !== actor.id && rankOfActor(actor) < ADMIN_RANK) return FORBIDDEN;
  return { accepted: { events: [{ type: 'message.deleted', seq }] } };
}
