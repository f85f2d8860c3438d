import type { CommandBody } from '@garam/contracts/command-record';
import type { DecideInput } from '../decide.ts';
import { roleAt } from '../timeline.ts';
import { isPrivileged, type RuleContext } from './actor.ts';
import { addMembers } from './add-members.ts';
import { changeRole } from './change-role.ts';
import { createChat } from './create-chat.ts';
import { deleteMessage } from './delete-message.ts';
import { editMessage } from './edit-message.ts';
import { joinChat } from './join-chat.ts';
import { leaveChat } from './leave-chat.ts';
import { removeMember } from './remove-member.ts';
import { sendMessage } from './send-message.ts';
import { setReaction } from './set-reaction.ts';
import { updateChat } from './update-chat.ts';
import { NOT_FOUND, type Verdict } from './verdict.ts';

/** Applies the rule of the command. To those who are not in a chat it does not exist, unless they may come in. */
export function ruleOn({ state, command, position, members }: DecideInput): Verdict {
  const roleOf = (user: string) => roleAt(members.get(user), position.offset);
  const actor = { id: command.actor, role: roleOf(command.actor), privileged: isPrivileged(command) };
  const context: RuleContext = { state, actor, roleOf };
  const { body } = command;
  if (body.type === 'chat.create') return createChat(context, body);
  if (state.kind === null) return NOT_FOUND;
  if (body.type === 'chat.join') return joinChat(context, body);
  if (actor.role === null && !actor.privileged) return NOT_FOUND;
  return memberRule(context, body, command.clientId);
}

type MemberBody = Exclude<CommandBody, { type: 'chat.create' | 'chat.join' }>;

function memberRule(context: RuleContext, body: MemberBody, clientId: string): Verdict {
  switch (body.type) {
    case 'chat.update':
      return updateChat(context, body);
    case 'chat.leave':
      return leaveChat(context);
    case 'member.add':
      return addMembers(context, body);
    case 'member.remove':
      return removeMember(context, body);
    case 'member.role':
      return changeRole(context, body);
    case 'message.send':
      return sendMessage(context, body, clientId);
    case 'message.edit':
      return editMessage(context, body);
    case 'message.delete':
      return deleteMessage(context, body);
    case 'reaction.set':
      return setReaction(context, body);
  }
}
