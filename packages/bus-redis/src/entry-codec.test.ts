import type { BusEntry } from '@garam/contracts/bus-entry';
import { eventAt, typingEntry } from '@garam/testkit/bus-values';
import { expect, test } from 'vitest';
import { decodeEntries, encodeEntries } from './entry-codec.ts';
import { createEventBytes } from './event-bytes.ts';

const encode = (entries: readonly BusEntry[]) => encodeEntries(entries, createEventBytes());
const reply = {
  chat: 'c',
  outcome: 'duplicate',
  seq: 1,
  rev: 2,
  clock: 3,
  cause: { origin: 'g', command: 4 },
} as const;
const entries: BusEntry[] = [
  { kind: 'event', event: { ...eventAt('c', 1), cause: { origin: 'g', command: 9 } } },
  { kind: 'marks', chat: 'c', marks: [{ user: '한글', delivered: 1, read: 0 }] },
  { kind: 'reply', reply },
  typingEntry('a'),
];

test('entries of all kinds come back as they were, in order', () => {
  const [message, ...more] = encode(entries);
  expect(more).toEqual([]);
  // A copy: the codecs remember the objects of bytes they made themselves.
  expect(decodeEntries(Buffer.from(message!))).toEqual({ entries, unreadable: 0 });
  expect(encode([])).toEqual([]);
});

test('many big entries are several messages', () => {
  const big = Array.from({ length: 10 }, (_, index) => typingEntry(`${index}${'x'.repeat(100_000)}`));
  const messages = encode(big);
  expect(messages.length).toBe(5);
  expect(messages.flatMap((message) => decodeEntries(message).entries)).toEqual(big);
});

test('what cannot be read is counted and left out, what stands around it is not', () => {
  const [message] = encode([typingEntry('a'), typingEntry('b')]);
  const unknownKind = Buffer.from(message!);
  unknownKind[1] = 77;
  expect(decodeEntries(unknownKind)).toEqual({ entries: [typingEntry('b')], unreadable: 1 });
  const brokenJson = Buffer.from(message!);
  brokenJson[6] = 0;
  expect(decodeEntries(brokenJson)).toEqual({ entries: [typingEntry('b')], unreadable: 1 });
  const unknownVersion = Buffer.from(message!);
  unknownVersion[0] = 2;
  expect(decodeEntries(unknownVersion)).toEqual({ entries: [], unreadable: 1 });
  for (let length = 0; length < message!.length; length++) {
    const cut = decodeEntries(message!.subarray(0, length));
    expect(cut.entries).toEqual([typingEntry('a')].slice(0, cut.entries.length));
  }
  for (const bytes of [
    [1, 1, 255, 255, 255, 255],
    [1, 3, 4, 0, 0, 0, 110, 117, 108, 108],
    [1, 1, 0, 0, 0, 0],
  ]) {
    expect(decodeEntries(Buffer.from(bytes))).toEqual({ entries: [], unreadable: 1 });
  }
});
