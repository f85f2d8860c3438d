import { createAvroCodec } from './avro-codec.ts';
import type { ReplyRecord } from './reply-record.ts';

const OUTCOMES: ReadonlySet<string> = new Set<ReplyRecord['outcome']>(['duplicate', 'unchanged', 'refused']);

/** Values of `garam.chat.replies.v1`. */
export const replyCodec = createAvroCodec<ReplyRecord>('chat-reply', {
  toAvro: (reply) => reply,
  fromAvro: (value: ReplyRecord) => (OUTCOMES.has(value.outcome) ? value : null),
});

export function encodeReply(reply: ReplyRecord): Uint8Array {
  return replyCodec.encode(reply);
}

/** null: the bytes are no reply. */
export function decodeReply(bytes: Uint8Array): ReplyRecord | null {
  return replyCodec.decode(bytes);
}
