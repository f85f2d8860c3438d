import type { ChatState } from '../chat-state.ts';
import { FULL, type Verdict } from './verdict.ts';

/** Takes users in who are not members: what they may see begins here, or at the beginning of the chat. */
export function admit(state: ChatState, users: string[], capacity: number): Verdict {
  const memberCount = state.memberCount + users.length;
  if (memberCount > capacity) return FULL;
  const all = state.settings.history === 'all';
  const from = all ? 1 : state.seq + 1;
  const viewRev = all ? 1 : state.rev + 1;
  return {
    accepted: {
      events: [{ type: 'member.added', users, from, viewRev, memberCount }],
      state: { memberCount },
      members: users.map((user) => ({ user, role: 'member' })),
    },
  };
}
