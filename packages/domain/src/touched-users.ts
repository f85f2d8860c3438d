import type { CommandRecord } from '@garam/contracts/command-record';
import type { ChatState } from './chat-state.ts';

/**
 * Whose member rows `decide` may ask for: load those not in memory. Rows of a chat that is only now created are
 * empty. Ask right before deciding: a command before this one may have changed the owner.
 */
export function touchedUsers(command: CommandRecord, state: ChatState): string[] {
  const users = [command.actor];
  const { body } = command;
  switch (body.type) {
    case 'chat.create':
      users.push(...body.members);
      break;
    case 'member.add':
      users.push(...body.users);
      break;
    case 'member.remove':
      users.push(body.user);
      break;
    case 'member.role':
      users.push(body.user);
      if (body.role === 'owner' && state.owner !== undefined) users.push(state.owner);
      break;
    default:
  }
  return users.length === 1 ? users : [...new Set(users)];
}
