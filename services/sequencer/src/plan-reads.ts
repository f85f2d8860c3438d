import { FIRST_ATTEMPT_AGE_US, nextClock, RETRY_AGE_US } from '@garam/domain/ages';
import { touchedUsers } from '@garam/domain/touched-users';
import type { ChatMemory } from './chat-memory.ts';
import type { Pending } from './chat-table.ts';

/** What must come from the store before a command can be decided. */
export interface Reads {
  users: string[];
  /** Whether earlier decisions on the command's (actor, clientId) must be looked up. */
  sent: boolean;
}

export type PlanReads = (memory: ChatMemory, pending: Pending) => Reads | null;

/** null: memory has everything. Asked right before deciding, for a command before this one may have changed the need. */
export const planReads: PlanReads = ({ state, members, sent }, { command, record }) => {
  const users = touchedUsers(command, state).filter((user) => !members.knows(user));
  const age = command.attempt >= 2 ? RETRY_AGE_US : FIRST_ATTEMPT_AGE_US;
  const isSentKnown = sent.isComplete(command.actor, command.clientId, nextClock(state, record.timestamp) - age);
  return users.length === 0 && isSentKnown ? null : { users, sent: !isSentKnown };
};
