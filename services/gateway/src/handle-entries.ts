import type { BusEntry } from '@garam/contracts/bus-entry';
import { prefsPush } from './commands/chat-prefs.ts';
import { pushToChat } from './ephemera/push-to-chat.ts';
import type { Edge } from './edge.ts';
import { sessionsOf } from './edge.ts';
import { obeyStanding } from './session/obey-standing.ts';
import { closeReplaced } from './session/say-hello.ts';
import { SharedPush } from './shared-push.ts';

/** What the bus brings, in order. */
export function handleEntries(edge: Edge, entries: readonly BusEntry[]): void {
  for (const entry of entries) {
    try {
      handleEntry(edge, entry);
    } catch (error) {
      edge.logger.error({ err: error, kind: entry.kind }, 'an entry of the bus could not be handled');
    }
  }
}

function handleEntry(edge: Edge, entry: BusEntry): void {
  switch (entry.kind) {
    case 'event':
      return edge.delivery.offer(entry.event);
    case 'reply':
      return edge.intake.settle({ reply: entry.reply });
    case 'marks':
      return showMarks(edge, entry);
    case 'typing':
      return edge.typing.heard(entry.chat, entry.user, entry.on);
    case 'chat.added':
      return edge.delivery.added(entry.user, entry.chat, entry.rev);
    case 'chat.removed':
      return edge.delivery.learn(entry.chat, entry.rev);
    case 'chat.prefs':
      for (const session of sessionsOf(edge, entry.user)) session.push(prefsPush(entry));
      return;
    case 'presence':
      return edge.presence.heard(entry.user, entry.online, entry.lastSeenAt);
    case 'session':
      return closeReplaced(edge, entry);
    case 'block':
      return edge.intake.blockChanged(entry.user, entry.other, entry.on);
    case 'standing':
      return void obeyStanding(edge, entry.user);
    case 'heartbeat':
      return edge.tailing.heard(entry);
  }
}

function showMarks(edge: Edge, { chat, marks }: Extract<BusEntry, { kind: 'marks' }>): void {
  const gate = edge.delivery.gate(chat);
  if (gate === undefined) return;
  if (edge.chatViews.isBig(gate.memberCount)) edge.chatViews.marked(chat, marks);
  else {
    const raised = marks.map((mark) => gate.raise(mark)).filter((mark) => mark !== undefined);
    if (raised.length > 0) pushToChat(edge, chat, new SharedPush({ t: 'receipts', chat, marks: raised }));
  }
}
