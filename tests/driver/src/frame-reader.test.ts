import { expect, test } from 'vitest';
import { FrameReader } from './frame-reader.ts';

function frame(opcode: number, final: boolean, payload: Buffer): Buffer {
  const head = [(final ? 0x80 : 0) | opcode];
  if (payload.length < 126) head.push(payload.length);
  else head.push(126, payload.length >> 8, payload.length & 255);
  return Buffer.concat([Buffer.from(head), payload]);
}

const long = Buffer.alloc(70_000 - 65_536 + 300, 'x');
const stream = Buffer.concat([
  frame(1, true, Buffer.from('one')),
  frame(9, true, Buffer.from('?')),
  frame(1, true, long),
  frame(1, false, Buffer.from('thr')),
  frame(0, true, Buffer.from('ee')),
]);

test.each([1, 2, 3, 7, 125, 4096, 100_000])('messages come out whole when the stream is cut every %i bytes', (size) => {
  const messages: string[] = [];
  const controls: number[] = [];
  const reader = new FrameReader({
    message: (payload) => messages.push(payload.toString()),
    control: (opcode) => controls.push(opcode),
  });
  const shared = Buffer.alloc(size);
  for (let at = 0; at < stream.length; at += size) {
    const bytes = stream.copy(shared, 0, at, at + size);
    reader.push(shared.subarray(0, bytes));
  }
  expect(messages).toEqual(['one', long.toString(), 'three']);
  expect(controls).toEqual([9]);
});
