import type { Role } from '@garam/contracts/chat-values';
import type { EventBody } from '@garam/contracts/event-record';
import type { ChatState } from '../chat-state.ts';

/** What a rule says to a command. */
export type Verdict = { accepted: Accepted } | { unchanged: true } | { refused: string };

export interface Accepted {
  /** At least one; revs are given in this order. */
  events: EventBody[];
  /** The command is a message: it gets the next seq. */
  message?: true;
  /** What changes in the chat, beside its counters. */
  state?: Partial<Pick<ChatState, 'kind' | 'title' | 'avatar' | 'settings' | 'memberCount' | 'owner'>>;
  /** Roles from this command on; null: no member any more. */
  members?: { user: string; role: Role | null }[];
}

export const UNCHANGED: Verdict = { unchanged: true };
export const NOT_FOUND: Verdict = { refused: 'not_found' };
export const FORBIDDEN: Verdict = { refused: 'forbidden' };
export const FULL: Verdict = { refused: 'full' };
export const INVALID: Verdict = { refused: 'invalid' };
