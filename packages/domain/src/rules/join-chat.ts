import { admit } from './admit.ts';
import { isService, type RuleContext } from './actor.ts';
import type { BodyOf } from './body-of.ts';
import { FORBIDDEN, NOT_FOUND, UNCHANGED, type Verdict } from './verdict.ts';

/** Anyone may come into an open chat; one that is not open does not exist for outsiders. Services are no members. */
export function joinChat({ state, actor }: RuleContext, { capacity }: BodyOf<'chat.join'>): Verdict {
  if (actor.role !== null) return UNCHANGED;
  if (isService(actor.id)) return FORBIDDEN;
  if (state.kind === 'direct') return actor.privileged ? FORBIDDEN : NOT_FOUND;
  if (state.settings.join !== 'open' && !actor.privileged) return NOT_FOUND;
  return admit(state, [actor.id], capacity);
}
