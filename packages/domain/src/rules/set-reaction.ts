import type { RuleContext } from './actor.ts';
import type { BodyOf } from './body-of.ts';
import { NOT_FOUND, type Verdict } from './verdict.ts';

/** Every member reacts, also where only admins write. */
export function setReaction({ state }: RuleContext, { seq, emoji, on }: BodyOf<'reaction.set'>): Verdict {
  if (seq > state.seq) return NOT_FOUND;
  return { accepted: { events: [{ type: 'reaction.set', seq, emoji, on }] } };
}
