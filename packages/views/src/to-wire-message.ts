import type { Message, MessageContent as WireContent, Reaction } from '@garam/protocol/entities';
import type { MessageContent } from '@garam/contracts/chat-values';
import type { StoredMessage } from '@garam/store/view-reads';
import { parseStoredJson } from './parse-stored-json.ts';

/** A message row as the wire shows it; a deleted one as a stub without content, whatever the row still holds. */
export function toWireMessage(row: StoredMessage, reactions?: Record<string, Reaction>): Message {
  const message: Message = {
    seq: row.seq,
    rev: row.rev,
    at: Math.floor(row.clock / 1_000),
    by: row.by,
    clientId: row.clientId,
    ...(row.deletedAt === undefined ? toWireContent(row) : { kind: row.kind }),
  };
  if (row.deletedAt !== undefined) {
    message.deleted = row.deletedAt;
    return message;
  }
  if (row.editedAt !== undefined) message.edited = row.editedAt;
  if (reactions !== undefined) message.reactions = reactions;
  return message;
}

/** Only the fields of content, `data` parsed. @throws Refusal `internal` for stored data that is no JSON object. */
export function toWireContent(content: MessageContent): WireContent {
  const wire: WireContent = { kind: content.kind };
  if (content.text !== undefined) wire.text = content.text;
  if (content.data !== undefined) wire.data = parseStoredJson(content.data);
  if (content.replyTo !== undefined) wire.replyTo = content.replyTo;
  if (content.mentions !== undefined && content.mentions.length > 0) wire.mentions = content.mentions;
  if (content.attachments !== undefined && content.attachments.length > 0) wire.attachments = content.attachments;
  return wire;
}
