import { SharedPush } from '../shared-push.ts';
import type { DeliveryCore } from './delivery-core.ts';
import type { MembershipAt } from './fold-membership.ts';
import type { Gate, Pending } from './gate.ts';
import type { Attachment } from './receiver.ts';

/** Where a client stands in a chat. */
export interface Cursor {
  seq: number;
  rev: number;
}

/** A receiver that has to be given events up to the gate's last one at the moment of linking. */
export interface CatchUp {
  attachment: Attachment;
  gate: Gate;
  pending: Pending;
  cursor: Cursor;
  through: number;
}

/**
 * Makes a receiver part of an open gate, in one step with the comparison of its cursor and the gate's last event: what
 * passes from now on reaches it, what lies between is returned to be caught up. Membership is the row folded with
 * the membership events the gate has seen; a cursor only decides what is sent.
 */
export function linkChat(
  core: DeliveryCore,
  attachment: Attachment,
  gate: Gate,
  { row, cursor }: { row: MembershipAt; cursor?: Cursor | undefined },
): CatchUp | undefined {
  if (gate.has(attachment) || attachment.gone) return undefined;
  const { chat } = gate;
  const member = core.parts.foldMembership(row, attachment.user, gate.membership ?? []);
  if (!member.isMember) {
    attachment.noteLeft(chat, gate.last);
    if (cursor !== undefined) attachment.receiver.push(new SharedPush({ t: 'chat.removed', chat }));
    return undefined;
  }
  attachment.chats.set(chat, gate);
  gate.idleSince = -1;
  core.idle.delete(gate);
  const viewFrom = member.viewRev - 1;
  if (cursor === undefined || cursor.rev < viewFrom) {
    if (cursor !== undefined) announce(core, attachment, gate, 'reset', viewFrom);
    startAt(core, attachment, gate, Math.max(gate.last, viewFrom));
    return undefined;
  }
  if (cursor.rev > gate.last) {
    const pending = startAt(core, attachment, gate, cursor.rev);
    const since = core.deps.clock.monotonic();
    if (pending !== undefined) core.ahead.set(pending, { attachment, gate, since, viewFrom, isChecking: false });
    return undefined;
  }
  if (cursor.rev === gate.last || gate.last - cursor.rev > core.options.catchUpMax) {
    if (cursor.rev < gate.last) announce(core, attachment, gate, 'behind');
    startAt(core, attachment, gate, gate.last);
    return undefined;
  }
  const pending: Pending = { mode: 'catching', cursor: cursor.rev, queue: [], overflown: false, removed: false };
  gate.setPending(attachment, pending);
  return { attachment, gate, pending, cursor, through: gate.last };
}

/**
 * `behind` or `reset` with the gate's head: live goes on above it. `viewFrom` is where the view begins when that is ahead
 * of the gate: a membership row may be of an event that has not passed yet.
 */
export function announce(
  core: DeliveryCore,
  attachment: Attachment,
  gate: Gate,
  ...[t, viewFrom = 0]: ['behind'] | ['reset', number?]
): void {
  (t === 'behind' ? core.deps.metrics.behind : core.deps.metrics.resets).add(1);
  const { head } = gate;
  attachment.receiver.push(
    new SharedPush({ t, chat: gate.chat, head: viewFrom > head.rev ? { ...head, rev: viewFrom } : head }),
  );
}

/** Live from the next event on, or from `rev + 1` on where that lies ahead of the gate. */
function startAt(core: DeliveryCore, attachment: Attachment, gate: Gate, rev: number): Pending | undefined {
  if (rev <= gate.last) {
    gate.live.add(attachment);
    return undefined;
  }
  const pending: Pending = { mode: 'ahead', cursor: rev, queue: [], overflown: false, removed: false };
  gate.setPending(attachment, pending);
  return pending;
}
