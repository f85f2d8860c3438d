import { ADMIN_RANK, rankOfActor, type RuleContext } from './actor.ts';
import { admit } from './admit.ts';
import type { BodyOf } from './body-of.ts';
import { FORBIDDEN, UNCHANGED, type Verdict } from './verdict.ts';

/** Members invite, or only admins where the chat says so. All who are named come in, or nobody. */
export function addMembers({ state, actor, roleOf }: RuleContext, body: BodyOf<'member.add'>): Verdict {
  if (state.kind === 'direct') return FORBIDDEN;
  if (state.settings.invite === 'admins' && rankOfActor(actor) < ADMIN_RANK) return FORBIDDEN;
  const users = body.users.filter((user) => roleOf(user) === null);
  return users.length === 0 ? UNCHANGED : admit(state, users, body.capacity);
}
