const UTF8 = new TextEncoder();

/**
 * The partition of a chat: Java-compatible murmur2 of the chat id, as Kafka's default partitioner computes it,
 * so that producers in any language agree.
 */
export function partitionOf(chat: string, partitions: number): number {
  return (murmur2(UTF8.encode(chat)) & 0x7fffffff) % partitions;
}

function murmur2(bytes: Uint8Array): number {
  const multiplier = 0x5bd1e995;
  const length = bytes.length;
  let hash = 0x9747b28c ^ length;
  let index = 0;
  for (; index + 4 <= length; index += 4) {
    let word = bytes[index]! | (bytes[index + 1]! << 8) | (bytes[index + 2]! << 16) | (bytes[index + 3]! << 24);
    word = Math.imul(word, multiplier);
    word ^= word >>> 24;
    word = Math.imul(word, multiplier);
    hash = Math.imul(hash, multiplier) ^ word;
  }
  const rest = length - index;
  if (rest === 3) hash ^= bytes[index + 2]! << 16;
  if (rest >= 2) hash ^= bytes[index + 1]! << 8;
  if (rest >= 1) hash = Math.imul(hash ^ bytes[index]!, multiplier);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, multiplier);
  return hash ^ (hash >>> 15);
}
