import { expect, test } from 'vitest';
import { crc32c } from './crc32c.ts';

test.each([
  ['123456789', 0xe3069283],
  ['', 0],
  ['a', 0xc1d04330],
  ['The quick brown fox jumps over the lazy dog', 0x22620404],
])('the checksum of %j is the published one', (text, expected) => {
  const bytes = new TextEncoder().encode(`xx${text}y`);
  expect(crc32c(bytes, 2, bytes.length - 1)).toBe(expected);
});

test('the checksum of 32 zero bytes is the one of RFC 3720', () => {
  expect(crc32c(new Uint8Array(32), 0, 32)).toBe(0x8a9136aa);
});
