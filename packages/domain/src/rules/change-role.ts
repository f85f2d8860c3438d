import type { Role } from '@garam/contracts/chat-values';
import type { EventBody } from '@garam/contracts/event-record';
import { ADMIN_RANK, rankOf, rankOfActor, type RuleContext } from './actor.ts';
import type { BodyOf } from './body-of.ts';
import { FORBIDDEN, NOT_FOUND, UNCHANGED, type Verdict } from './verdict.ts';

/**
 * Admins and the owner change the roles of those below them, up to their own. Ownership is handed over: there is
 * never more than one owner, the former one becomes an admin.
 */
export function changeRole(context: RuleContext, { user, role }: BodyOf<'member.role'>): Verdict {
  const { state, actor, roleOf } = context;
  const rank = rankOfActor(actor);
  if (state.kind === 'direct' || rank < ADMIN_RANK) return FORBIDDEN;
  const now = roleOf(user);
  if (now === null) return NOT_FOUND;
  if (now === role) return UNCHANGED;
  if (rankOf(now) >= rank || rankOf(role) > rank) return FORBIDDEN;
  const changes: { user: string; role: Role }[] = [{ user, role }];
  if (role === 'owner' && state.owner !== undefined) changes.unshift({ user: state.owner, role: 'admin' });
  return {
    accepted: {
      events: changes.map((change): EventBody => ({ type: 'member.role', ...change })),
      state: ownerChange(state.owner, user, role),
      members: changes,
    },
  };
}

function ownerChange(owner: string | undefined, user: string, role: Role): { owner?: string | undefined } {
  if (role === 'owner') return { owner: user };
  return owner === user ? { owner: undefined } : {};
}
