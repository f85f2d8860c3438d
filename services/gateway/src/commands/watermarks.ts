import { wireError } from '@garam/protocol/errors';
import type { Gate } from '../delivery/gate.ts';
import type { Call } from './call.ts';

/** `read` and `delivered`: clamped to a head this gateway has seen, coalesced, never refused for their rate. */
export function takeWatermark(
  call: Call,
  type: 'read' | 'delivered',
  { chat, seq }: { chat: string; seq: number },
): void {
  const gate = call.session.attachment?.chats.get(chat);
  if (gate === undefined) return call.fail(wireError('not_found'));
  if (type === 'delivered' && call.edge.chatViews.isBig(gate.memberCount)) return call.ok({});
  if (seq <= gate.seq) {
    note(call, type, chat, seq);
    return call.ok({});
  }
  call.when(noteAboveGate(call, type, { gate, seq }));
}

/** The client may have read from the store what has not come over the bus yet. */
async function noteAboveGate(call: Call, type: 'read' | 'delivered', { gate, seq }: { gate: Gate; seq: number }) {
  const [head] = await call.edge.store.reads.heads([gate.chat]);
  const known = Math.min(seq, Math.max(gate.seq, head?.seq ?? 0));
  if (known > 0) note(call, type, gate.chat, known);
  return {};
}

function note(call: Call, type: 'read' | 'delivered', chat: string, seq: number): void {
  const { user } = call.session;
  call.edge.receipts.add(chat, { user, delivered: seq, read: type === 'read' ? seq : 0 });
}
