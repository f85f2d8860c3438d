import type { BusEntry } from '@garam/contracts/bus-entry';
import { decodeEvent } from '@garam/contracts/event-codec';
import { decodeReply, encodeReply } from '@garam/contracts/reply-codec';
import type { BytesOfEvent } from './event-bytes.ts';

/**
 * A message of the bus: version (1 byte), then entries: kind (1 byte), length (4 bytes, little-endian), payload.
 * Events and replies are the bytes of the log, everything else is JSON. A kind that is not known here is left out, so
 * newer senders may add some.
 */
const VERSION = 1;
const KIND = { event: 1, reply: 2, json: 3 } as const;
const HEADER_BYTES = 5;
/** Messages are begun anew beyond this: a subscriber's buffer at the server takes many of them. */
const MESSAGE_BYTES_MAX = 256 * 1024;

/** The entries in order, in one message unless they are big. */
export function encodeEntries(entries: readonly BusEntry[], bytesOf: BytesOfEvent): Buffer[] {
  const messages: Buffer[] = [];
  let parts: { kind: number; bytes: Uint8Array }[] = [];
  let size = 1;
  for (const entry of entries) {
    const part = encodeEntry(entry, bytesOf);
    const partSize = HEADER_BYTES + part.bytes.length;
    if (parts.length > 0 && size + partSize > MESSAGE_BYTES_MAX) {
      messages.push(join(parts, size));
      parts = [];
      size = 1;
    }
    parts.push(part);
    size += partSize;
  }
  if (parts.length > 0) messages.push(join(parts, size));
  return messages;
}

function encodeEntry(entry: BusEntry, bytesOf: BytesOfEvent): { kind: number; bytes: Uint8Array } {
  if (entry.kind === 'event') return { kind: KIND.event, bytes: bytesOf(entry.event) };
  if (entry.kind === 'reply') return { kind: KIND.reply, bytes: encodeReply(entry.reply) };
  return { kind: KIND.json, bytes: Buffer.from(JSON.stringify(entry)) };
}

function join(parts: readonly { kind: number; bytes: Uint8Array }[], size: number): Buffer {
  const message = Buffer.allocUnsafe(size);
  message[0] = VERSION;
  let at = 1;
  for (const { kind, bytes } of parts) {
    message[at] = kind;
    message.writeUInt32LE(bytes.length, at + 1);
    message.set(bytes, at + HEADER_BYTES);
    at += HEADER_BYTES + bytes.length;
  }
  return message;
}

/** What can be read of a message, and how many of its entries cannot. */
export function decodeEntries(message: Buffer): { entries: BusEntry[]; unreadable: number } {
  const entries: BusEntry[] = [];
  let unreadable = 0;
  if (message[0] !== VERSION) return { entries, unreadable: 1 };
  let at = 1;
  while (at + HEADER_BYTES <= message.length) {
    const end = at + HEADER_BYTES + message.readUInt32LE(at + 1);
    if (end > message.length) break;
    const entry = decodeEntry(message[at]!, message.subarray(at + HEADER_BYTES, end));
    if (entry === null) unreadable++;
    else entries.push(entry);
    at = end;
  }
  return at === message.length ? { entries, unreadable } : { entries, unreadable: unreadable + 1 };
}

function decodeEntry(kind: number, bytes: Buffer): BusEntry | null {
  if (kind === KIND.event) {
    const event = decodeEvent(bytes);
    return event === null ? null : { kind: 'event', event };
  }
  if (kind === KIND.reply) {
    const reply = decodeReply(bytes);
    return reply === null ? null : { kind: 'reply', reply };
  }
  return kind === KIND.json ? parseEntry(bytes) : null;
}

function parseEntry(bytes: Buffer): BusEntry | null {
  try {
    const value: unknown = JSON.parse(bytes.toString());
    return typeof value === 'object' && value !== null && 'kind' in value ? (value as BusEntry) : null;
  } catch {
    return null;
  }
}
