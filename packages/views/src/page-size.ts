import type { Message } from '@garam/protocol/entities';

/** Bytes of a message without text, data, mentions, attachments and reactions, at most: ids and numbers. */
const FRAME_BYTES = 640;
/** UTF-8 bytes of one UTF-16 unit as JSON, at most: `\u0000`. */
const UNIT_BYTES_MAX = 6;

export function jsonBytes(value: object): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** How many of `items`, taken in order, fit; at least one. */
export function countFitting<T extends object>(
  items: readonly T[],
  bytesMax: number,
  bytesOf: (item: T) => number = jsonBytes,
): number {
  let bytes = 0;
  for (let index = 0; index < items.length; index++) {
    bytes += bytesOf(items[index]!) + 1;
    if (bytes > bytesMax) return Math.max(1, index);
  }
  return items.length;
}

/** Whether the messages fit for certain, without encoding them: true for nearly every page. */
export function surelyFits(messages: readonly Message[], bytesMax: number): boolean {
  let bytes = 0;
  for (const message of messages) {
    if (message.data || message.mentions || message.attachments || message.reactions) bytes += jsonBytes(message);
    else bytes += FRAME_BYTES + (message.text?.length ?? 0) * UNIT_BYTES_MAX;
    if (bytes > bytesMax) return false;
  }
  return true;
}
