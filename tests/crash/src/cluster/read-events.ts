import { readFileSync } from 'node:fs';
import avro from 'avsc';
import type { LoggedEvent } from './check-log.ts';
import type { KafkaReader, RawRecord } from './kafka-reader.ts';

const EVENTS_TOPIC = 'garam.chat.events.v1';
/** Zero byte and schema id, as registries put them before every value. */
const HEADER_BYTES = 5;
const MESSAGE_CREATED = 'garam.chat.MessageCreated';
const SCHEMA = new URL('../../../../packages/contracts/schemas/chat-event.v1.avsc', import.meta.url);

/** All events, decoded by the published schema and nothing else of the product. */
export async function readEvents(reader: KafkaReader): Promise<LoggedEvent[]> {
  const type = avro.Type.forSchema(JSON.parse(readFileSync(SCHEMA, 'utf8')), { wrapUnions: 'auto' });
  return (await reader.readAll(EVENTS_TOPIC)).map((record) => decode(type, record));
}

interface Decoded {
  chat: string;
  rev: number;
  seq: number;
  by: string;
  body: Record<string, { clientId: string; text: string | null }>;
}

function decode(type: avro.Type, { partition, offset, key, value }: RawRecord): LoggedEvent {
  const { chat, rev, seq, by, body } = type.fromBuffer(value.subarray(HEADER_BYTES)) as Decoded;
  const created = body[MESSAGE_CREATED];
  const message = created === undefined ? null : { clientId: created.clientId, text: created.text ?? '' };
  return { partition, offset, key, chat, rev, seq, by, message, value };
}
