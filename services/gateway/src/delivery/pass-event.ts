import type { EventRecord } from '@garam/contracts/event-record';
import { SharedPush } from '../shared-push.ts';
import type { DeliveryCore } from './delivery-core.ts';
import { noteUse } from './delivery-core.ts';
import { changesMembership, usersAdded } from './fold-membership.ts';
import { QUEUE_MAX, type Gate, type Pending } from './gate.ts';
import { messageAt, seqAfter, sharedEvent, type GateEvent } from './gate-event.ts';
import type { Attachment } from './receiver.ts';

/** Takes an event from the bus: the next one passes, an older one is dropped, a later one waits for those before it. */
export function offerEvent(core: DeliveryCore, event: EventRecord): void {
  if (event.cause?.origin === core.deps.instance) core.deps.settle(event);
  const gate = core.gates.get(event.chat);
  if (gate === undefined) return;
  if (event.rev > gate.known) gate.known = event.rev;
  if (!gate.isOpen) return gate.hold(event);
  const verdict = core.parts.judge(gate.last, event.rev);
  if (verdict === 'drop') return;
  if (verdict === 'hold') gate.hold(event);
  else passEvent(core, gate, { rev: event.rev, record: event });
  if (gate.held !== undefined || gate.known > gate.last) passHeld(core, gate);
}

/** Lets through what waited for the present last event; what still misses something is repaired. */
export function passHeld(core: DeliveryCore, gate: Gate): void {
  for (let next = gate.takeNext(); next !== undefined; next = gate.takeNext())
    passEvent(core, gate, { rev: next.rev, record: next });
  if (gate.known > gate.last) core.repair(gate);
}

/** The event `last + 1` goes to every receiver of the chat, and changes who they are. */
export function passEvent(core: DeliveryCore, gate: Gate, event: GateEvent): void {
  gate.last = event.rev;
  gate.seq = seqAfter(event, gate.seq);
  gate.at = messageAt(event) ?? gate.at;
  if (gate.known < gate.last) gate.known = gate.last;
  core.deps.metrics.passed.add(1);
  const isQuiet = event.rev <= gate.quietThrough;
  if (isQuiet) skipPending(gate);
  else if (gate.live.size > 0 || gate.pending !== undefined) pushToAll(core, gate, event);
  if (event.record !== undefined && changesMembership(event.record)) applyMembership(core, gate, event.record);
  if (isQuiet && gate.last === gate.quietThrough) announceBehind(core, gate);
  core.deps.passed?.(gate, event);
}

function pushToAll(core: DeliveryCore, gate: Gate, event: GateEvent): void {
  const push = sharedEvent(event);
  for (const attachment of gate.live) attachment.receiver.push(push);
  core.deps.metrics.pushed.add(gate.live.size);
  if (gate.pending === undefined) return;
  for (const [attachment, pending] of gate.pending) {
    if (pending.mode === 'catching') queue(pending, event.rev, push);
    else {
      if (event.rev > pending.cursor) attachment.receiver.push(push);
      if (event.rev >= pending.cursor) becomeLive(core, gate, attachment, pending);
    }
  }
}

function queue(pending: Pending, rev: number, push: SharedPush): void {
  if (pending.removed || pending.overflown) return;
  if (pending.queue.length < QUEUE_MAX) pending.queue.push({ rev, push });
  else {
    pending.overflown = true;
    pending.queue = [];
  }
}

/** Receivers that are catching up will be told `behind` like all others. */
function skipPending(gate: Gate): void {
  if (gate.pending === undefined) return;
  for (const pending of gate.pending.values()) {
    if (pending.mode !== 'catching') continue;
    pending.overflown = true;
    pending.queue = [];
  }
}

export function becomeLive(core: DeliveryCore, gate: Gate, attachment: Attachment, pending: Pending): void {
  gate.dropPending(attachment);
  core.ahead.delete(pending);
  if (!attachment.gone) gate.live.add(attachment);
}

/** A hole too large to push: the clients fetch it themselves. */
function announceBehind(core: DeliveryCore, gate: Gate): void {
  const push = new SharedPush({ t: 'behind', chat: gate.chat, head: gate.head });
  for (const attachment of gate.live) attachment.receiver.push(push);
  core.deps.metrics.behind.add(gate.live.size);
  if (gate.pending === undefined) return;
  for (const [attachment, pending] of gate.pending) {
    if (pending.mode !== 'ahead' || pending.cursor > gate.last) continue;
    attachment.receiver.push(push);
    becomeLive(core, gate, attachment, pending);
  }
}

function applyMembership(core: DeliveryCore, gate: Gate, event: EventRecord): void {
  (gate.membership ??= []).push(event);
  const { body } = event;
  if (body.type === 'member.removed') {
    gate.memberCount = body.memberCount;
    for (const attachment of core.users.get(body.user) ?? []) endMembership(core, gate, attachment);
    return;
  }
  if (body.type === 'member.added') gate.memberCount = body.memberCount;
  if (body.type === 'chat.created') gate.memberCount = body.members.length;
  for (const user of usersAdded(event)) {
    const attachments = core.users.get(user);
    if (attachments === undefined) continue;
    for (const attachment of attachments) core.join(attachment, gate.chat, event.rev);
  }
}

/** The removal was the last event the receiver got. */
export function endMembership(core: DeliveryCore, gate: Gate, attachment: Attachment): void {
  const pending = gate.pending?.get(attachment);
  if (pending?.mode === 'catching') {
    pending.removed = true;
    return;
  }
  if (pending === undefined && !gate.live.has(attachment)) return;
  gate.live.delete(attachment);
  gate.dropPending(attachment);
  if (pending !== undefined) core.ahead.delete(pending);
  attachment.chats.delete(gate.chat);
  attachment.noteLeft(gate.chat, gate.last);
  attachment.receiver.push(new SharedPush({ t: 'chat.removed', chat: gate.chat }));
  noteUse(core, gate);
}
