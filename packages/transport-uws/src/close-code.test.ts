import { expect, test } from 'vitest';
import { closeCode } from './close-code.ts';

const words = (text: string) => new TextEncoder().encode(text).buffer;

test("a peer's own code is reported as it is, whatever its reason says", () => {
  expect(closeCode(4000, words('too big'))).toBe(4000);
});

test('a cut for a broken frame is reported with the code of its reason, any other as 1006', () => {
  expect(closeCode(1006, words('Received too big message'))).toBe(1009);
  expect(closeCode(1006, words('Received invalid UTF-8'))).toBe(1007);
  expect(closeCode(1006, words('Received invalid WebSocket frame'))).toBe(1002);
  expect(closeCode(1006, words('Received TCP FIN before WebSocket close frame'))).toBe(1006);
  expect(closeCode(1006, words(''))).toBe(1006);
});
