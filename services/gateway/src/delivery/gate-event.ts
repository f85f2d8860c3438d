import type { EventRecord, EventType } from '@garam/contracts/event-record';
import type { ChatEvent } from '@garam/protocol/entities';
import { toWireEvent } from '@garam/views/to-wire-event';
import { SharedPush } from '../shared-push.ts';

/** An event as it passes a gate: from the bus as a record, repaired from the store in the shape of the wire. */
export interface GateEvent {
  rev: number;
  /** Present for all that changes membership. */
  record?: EventRecord;
  /** Present without a record: a message read from the store. */
  wire?: ChatEvent;
}

/** Messages of the chat up to and including this event, given those before it. */
export function seqAfter(event: GateEvent, before: number): number {
  if (event.record !== undefined) return Math.max(before, event.record.seq);
  return event.wire?.type === 'message.created' ? Math.max(before, event.wire.message.seq) : before;
}

/** Time of the event when it is a message, ms. */
export function messageAt(event: GateEvent): number | undefined {
  if (event.wire?.type === 'message.created') return event.wire.at;
  if (event.record?.body.type === 'message.created') return Math.floor(event.record.clock / 1_000);
  return undefined;
}

export function typeOf({ record, wire }: GateEvent): EventType {
  return record?.body.type ?? wire!.type;
}

export function authorOf({ record, wire }: GateEvent): string {
  return record?.by ?? wire!.by;
}

export function sharedEvent(event: GateEvent): SharedPush {
  return new SharedPush({ t: 'event', ...(event.wire ?? toWireEvent(event.record!)) });
}
