import { ADMIN_RANK, rankOf, rankOfActor, type RuleContext } from './actor.ts';
import type { BodyOf } from './body-of.ts';
import { dismiss } from './dismiss.ts';
import { FORBIDDEN, UNCHANGED, type Verdict } from './verdict.ts';

/** Admins and the owner remove those below them. */
export function removeMember({ state, actor, roleOf }: RuleContext, { user }: BodyOf<'member.remove'>): Verdict {
  if (state.kind === 'direct' || rankOfActor(actor) < ADMIN_RANK) return FORBIDDEN;
  const role = roleOf(user);
  if (role === null) return UNCHANGED;
  return rankOf(role) < rankOfActor(actor) ? dismiss(state, user) : FORBIDDEN;
}
