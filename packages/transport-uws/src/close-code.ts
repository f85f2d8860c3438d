/** Why the library cut a connection, by the words it gives for it, as the code that RFC 6455 has for that reason. */
const CODES: readonly [words: string, code: number][] = [
  ['too big', 1009],
  ['invalid UTF-8', 1007],
  ['invalid', 1002],
];

/**
 * The code to report for the end of a connection. The library cuts broken frames without a close frame, so the peer sees
 * 1006 for them; on this side the reason is kept.
 */
export function closeCode(code: number, reason: ArrayBuffer): number {
  if (code !== 1006) return code;
  const words = Buffer.from(reason).toString();
  return CODES.find(([part]) => words.includes(part))?.[1] ?? code;
}
