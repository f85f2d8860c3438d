import type { RuleContext } from './actor.ts';
import { dismiss } from './dismiss.ts';
import { FORBIDDEN, UNCHANGED, type Verdict } from './verdict.ts';

/** An owner hands over before leaving, or leaves last. Nobody leaves a direct chat: it is hidden instead. */
export function leaveChat({ state, actor }: RuleContext): Verdict {
  if (state.kind === 'direct') return FORBIDDEN;
  if (actor.role === null) return UNCHANGED;
  if (actor.role === 'owner' && state.memberCount > 1) return FORBIDDEN;
  return dismiss(state, actor.id);
}
