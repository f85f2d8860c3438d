import type { ChatEvent, EventBody as WireBody } from '@garam/protocol/entities';
import type { EventBody, EventRecord } from '@garam/contracts/event-record';
import { toWireContent } from './to-wire-message.ts';
import { parseStoredJson } from './parse-stored-json.ts';

/** A durable event as the wire shows it: identical for every receiver. */
export function toWireEvent(event: EventRecord): ChatEvent {
  return {
    chat: event.chat,
    rev: event.rev,
    at: Math.floor(event.clock / 1_000),
    by: event.by,
    ...toWireBody(event.body, event.seq),
  };
}

function toWireBody(body: EventBody, seq: number): WireBody {
  switch (body.type) {
    case 'message.created':
      return { type: body.type, message: { seq, clientId: body.clientId, ...toWireContent(body) } };
    case 'message.edited':
      return {
        type: body.type,
        seq: body.seq,
        ...(body.text === undefined ? {} : { text: body.text }),
        ...(body.data === undefined ? {} : { data: parseStoredJson(body.data) }),
        ...(body.mentions === undefined ? {} : { mentions: body.mentions }),
      };
    case 'member.added':
      return { type: body.type, users: body.users };
    case 'member.removed':
      return { type: body.type, user: body.user };
    case 'message.deleted':
    case 'reaction.set':
    case 'chat.created':
    case 'chat.updated':
    case 'member.role':
      return body;
  }
}
