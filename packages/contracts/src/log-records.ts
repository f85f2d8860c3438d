import { commandCodec } from './command-codec.ts';
import type { CommandRecord } from './command-record.ts';
import type { AvroCodec } from './avro-codec.ts';
import { eventCodec } from './event-codec.ts';
import type { EventRecord } from './event-record.ts';
import { receiptCodec } from './receipt-codec.ts';
import type { ReceiptRecord } from './receipt-record.ts';
import { replyCodec } from './reply-codec.ts';
import type { ReplyRecord } from './reply-record.ts';

/** A record ready for `EventLog.append`. */
export interface EncodedRecord {
  partition: number;
  key: string;
  value: Uint8Array;
  headers: RecordHeaders;
}

/** Enough for a consumer to route, trace and skip without decoding. */
export type RecordHeaders = {
  /** Equal for every copy of the same record: `<chat>:<rev>` of an event, `<origin>:<command>` of commands and replies. */
  ce_id: string;
  /** The type of the body (`message.created`), `reply.<outcome>`, or `receipts`. */
  ce_type: string;
  /** Name and version of the schema: `chat-event/1`. */
  'garam-schema': string;
  /** W3C trace context, handed on from command to event and reply. */
  traceparent?: string;
};

export function toCommandRecord(command: CommandRecord, partition: number, traceparent?: string): EncodedRecord {
  const id = `${command.cause.origin}:${command.cause.command}`;
  return encoded(commandCodec, command, { partition, id, type: command.body.type, traceparent });
}

export function toEventRecord(event: EventRecord, partition: number, traceparent?: string): EncodedRecord {
  return encoded(eventCodec, event, {
    partition,
    id: `${event.chat}:${event.rev}`,
    type: event.body.type,
    traceparent,
  });
}

export function toReplyRecord(reply: ReplyRecord, partition: number, traceparent?: string): EncodedRecord {
  const id = `${reply.cause.origin}:${reply.cause.command}`;
  return encoded(replyCodec, reply, { partition, id, type: `reply.${reply.outcome}`, traceparent });
}

/** @param id unique per record: the edge's instance id and its number for the record. */
export function toReceiptRecord(receipt: ReceiptRecord, partition: number, id: string): EncodedRecord {
  return encoded(receiptCodec, receipt, { partition, id, type: 'receipts' });
}

interface Envelope {
  partition: number;
  id: string;
  type: string;
  traceparent?: string | undefined;
}

function encoded<T extends { chat: string }>(
  codec: AvroCodec<T>,
  record: T,
  { partition, id, type, traceparent }: Envelope,
): EncodedRecord {
  const headers: RecordHeaders = { ce_id: id, ce_type: type, 'garam-schema': codec.schemaLabel };
  if (traceparent !== undefined) headers.traceparent = traceparent;
  return { partition, key: record.chat, value: codec.encode(record), headers };
}
