import type { ChatState, MemberTimeline, SentEntry } from '@garam/domain/chat-state';
import { emptyChat } from '@garam/domain/chat-state';
import { decide, type Decision } from '@garam/domain/decide';
import type { LoggedCommand } from './final-facts.ts';

/** A command and what had to be decided on it. */
export interface Ruling extends LoggedCommand {
  decision: Decision;
}

/**
 * Decides the whole log of commands once, with nothing ever forgotten, lost, paused or repeated: what any owners of the
 * partition, however disturbed, must have come to.
 */
export function foldCommands(commands: readonly LoggedCommand[]): Ruling[] {
  const chats = new Map<
    string,
    { state: ChatState; members: Map<string, MemberTimeline>; sent: Map<string, SentEntry[]> }
  >();
  return commands.map((logged) => {
    const { command, offset, timestamp } = logged;
    let chat = chats.get(command.chat);
    if (chat === undefined) {
      chats.set(command.chat, (chat = { state: emptyChat(command.chat), members: new Map(), sent: new Map() }));
    }
    const key = `${command.actor} ${command.clientId}`;
    const sent = chat.sent.get(key) ?? [];
    const decision = decide({
      state: chat.state,
      command,
      position: { offset, timestamp },
      members: chat.members,
      sent,
    });
    chat.state = decision.state;
    chat.sent.set(key, [...sent, decision.sent]);
    for (const timeline of decision.members) chat.members.set(timeline.user, timeline);
    return { ...logged, decision };
  });
}
