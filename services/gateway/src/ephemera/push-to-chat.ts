import type { Edge } from '../edge.ts';
import type { SharedPush } from '../shared-push.ts';

/** An ephemeral push to the chat's sessions here; in big chats to those who have it on screen. */
export function pushToChat(edge: Pick<Edge, 'delivery' | 'chatViews'>, chat: string, push: SharedPush): void {
  const gate = edge.delivery.gate(chat);
  if (gate === undefined) return;
  if (edge.chatViews.isBig(gate.memberCount)) {
    for (const session of edge.chatViews.viewersOf(chat)) session.push(push);
    return;
  }
  for (const attachment of gate.live) attachment.receiver.push(push);
  for (const attachment of gate.pending?.keys() ?? []) attachment.receiver.push(push);
}
