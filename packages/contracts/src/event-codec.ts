import { createAvroCodec } from './avro-codec.ts';
import type { EventBody, EventRecord, EventType } from './event-record.ts';
import { bodyWrapper } from './body-branch.ts';

export const EVENT_TYPES = [
  'message.created',
  'message.edited',
  'message.deleted',
  'reaction.set',
  'chat.created',
  'chat.updated',
  'member.added',
  'member.removed',
  'member.role',
] as const satisfies readonly EventType[];

const wrapBody = bodyWrapper<EventBody>(EVENT_TYPES);

/** Values of `garam.chat.events.v1`. */
export const eventCodec = createAvroCodec<EventRecord>('chat-event', {
  toAvro: ({ chat, rev, seq, clock, by, cause, body }) => ({
    chat,
    rev,
    seq,
    clock,
    by,
    cause,
    body: wrapBody(body),
  }),
  fromAvro: (event: EventRecord) => event,
});

export function encodeEvent(event: EventRecord): Uint8Array {
  return eventCodec.encode(event);
}

/** null: the bytes are no event. */
export function decodeEvent(bytes: Uint8Array): EventRecord | null {
  return eventCodec.decode(bytes);
}
