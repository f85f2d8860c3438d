import type { ChatState } from '../chat-state.ts';
import type { Verdict } from './verdict.ts';

/** Ends a membership, by leaving or by removal. */
export function dismiss(state: ChatState, user: string): Verdict {
  const memberCount = state.memberCount - 1;
  const owner = state.owner === user ? undefined : state.owner;
  return {
    accepted: {
      events: [{ type: 'member.removed', user, memberCount }],
      state: { memberCount, ...(owner === state.owner ? {} : { owner }) },
      members: [{ user, role: null }],
    },
  };
}
