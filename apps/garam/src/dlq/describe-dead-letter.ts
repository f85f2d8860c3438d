import { decodeCommand } from '@garam/contracts/command-codec';
import { decodeEvent } from '@garam/contracts/event-codec';
import { decodeReceipt } from '@garam/contracts/receipt-codec';
import { decodeReply } from '@garam/contracts/reply-codec';
import { TOPICS } from '@garam/contracts/topics';
import type { DeadLetter } from './read-dead-letters.ts';

const DECODERS: Record<string, (bytes: Uint8Array) => unknown> = {
  [TOPICS.commands]: decodeCommand,
  [TOPICS.events]: decodeEvent,
  [TOPICS.replies]: decodeReply,
  [TOPICS.receipts]: decodeReceipt,
};
const HEX_BYTES_MAX = 512;

/** A dead letter for people: decoded where this version can, else its bytes. */
export function describeDeadLetter({ record, reason, from }: DeadLetter): string[] {
  const { topic, partition, offset, timestamp, key, headers } = record;
  const others = Object.entries(headers).filter(([name]) => !name.startsWith('garam-dlq-'));
  return [
    `${topic} --partition ${partition} --offset ${offset}`,
    `  since ${new Date(timestamp).toISOString()} because: ${reason}`,
    `  from ${from.topic}/${from.partition} offset ${from.offset}, key ${JSON.stringify(key)}`,
    ...others.map(([name, value]) => `  ${name}: ${value}`),
    `  ${contentOf(from.topic, record.value)}`,
  ];
}

function contentOf(topic: string, value: Uint8Array): string {
  const decoded = DECODERS[topic]?.(value) ?? null;
  if (decoded !== null) return `decodable now: ${JSON.stringify(decoded)}`;
  const rest = value.length > HEX_BYTES_MAX ? '…' : '';
  return `${value.length} bytes: ${Buffer.from(value.subarray(0, HEX_BYTES_MAX)).toString('hex')}${rest}`;
}
