import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AvroCodec } from './avro-codec.ts';
import { commandCodec, decodeCommand, encodeCommand } from './command-codec.ts';
import type { CommandRecord } from './command-record.ts';
import { decodeEvent, encodeEvent, eventCodec } from './event-codec.ts';
import type { EventRecord } from './event-record.ts';
import { receiptCodec } from './receipt-codec.ts';
import { commandRecords, eventRecords, receiptRecords, replyRecords } from './record-arbitraries.test-support.ts';
import { replyCodec } from './reply-codec.ts';

const message: EventRecord = {
  chat: '01JD7Z0000000000000000ABCD',
  rev: 12,
  seq: 7,
  clock: 1_763_740_800_000_000,
  by: 'alice',
  cause: { origin: 'gw-1', command: 77 },
  body: { type: 'message.created', clientId: '01JD7Z0000000000000000ABCE', kind: 'text', text: '안녕하세요 👋' },
};
const join: CommandRecord = {
  chat: 'c',
  actor: 'alice',
  clientId: 'k',
  attempt: 1,
  sentAt: 0,
  digest: '',
  cause: { origin: 'gw', command: 1 },
  body: { type: 'chat.join', capacity: 10 },
};

/** The bytes as another process gets them. */
const foreign = (bytes: Uint8Array) => Uint8Array.from(bytes);

describe.each<[string, AvroCodec<object>, fc.Arbitrary<object>]>([
  ['command', commandCodec, commandRecords],
  ['event', eventCodec, eventRecords],
  ['reply', replyCodec, replyRecords],
  ['receipt', receiptCodec, receiptRecords],
])('%s codec', (_name, codec, records) => {
  it('gives back every record it encoded, absent fields absent', () => {
    fc.assert(
      fc.property(records, (record) => {
        expect(codec.decode(foreign(codec.encode(record)))).toStrictEqual(structuredClone(record));
      }),
    );
  });

  it('writes the registry header: zero, schema id big-endian', () => {
    const [record] = fc.sample(records, { seed: 1, numRuns: 1 });
    const bytes = Buffer.from(codec.encode(record!));
    expect(bytes[0]).toBe(0);
    expect(bytes.readUInt32BE(1)).toBe(codec.schemaId);
  });

  it('finds truncated, lengthened and relabelled bytes undecodable', () => {
    fc.assert(
      fc.property(records, fc.nat(), (record, cut) => {
        const bytes = codec.encode(record);
        expect(codec.decode(foreign(bytes.subarray(0, cut % bytes.length)))).toBeNull();
        expect(codec.decode(Buffer.concat([bytes, Buffer.from([0])]))).toBeNull();
        const relabelled = foreign(bytes);
        relabelled[4]! ^= 0xff;
        expect(codec.decode(relabelled)).toBeNull();
      }),
    );
  });

  it('never throws and always ends on arbitrary bytes behind a good header', () => {
    const [record] = fc.sample(records, { seed: 1, numRuns: 1 });
    const header = Buffer.from(codec.encode(record!).subarray(0, 5));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        const decoded = codec.decode(Buffer.concat([header, noise]));
        expect(decoded === null || typeof decoded === 'object').toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

it('a list that claims more items than there are bytes ends at once as undecodable', () => {
  const good = Buffer.from(receiptCodec.encode({ chat: '', marks: [] }));
  const countOf2To40 = Buffer.from([0x80, 0x80, 0x80, 0x80, 0x80, 0x40]);
  expect(receiptCodec.decode(Buffer.concat([good.subarray(0, -1), countOf2To40, Buffer.alloc(8)]))).toBeNull();
});

it('a record larger than the scratch space is encoded whole', () => {
  const large: EventRecord = {
    ...message,
    body: { ...message.body, text: '가'.repeat(100_000) } as EventRecord['body'],
  };
  expect(decodeEvent(foreign(encodeEvent(large)))).toStrictEqual(large);
  expect(decodeEvent(foreign(encodeEvent(message)))).toStrictEqual(message);
});

it('in one process the very object comes back from the very bytes, and only from the codec that made them', () => {
  const bytes = encodeEvent(message);
  expect(decodeEvent(bytes)).toBe(message);
  expect(decodeCommand(bytes)).toBeNull();
  expect(decodeEvent(foreign(bytes))).not.toBe(message);
});

it('encoding one record leaves the bytes of another alone', () => {
  const first = encodeEvent(message);
  const copy = foreign(first);
  encodeEvent({ ...message, chat: 'another', rev: 13 });
  expect(foreign(first)).toEqual(copy);
});

it.each<[string, Partial<CommandRecord>]>([
  ['an unknown chat kind', { body: { ...createBody(), kind: 'party' as never } }],
  ['an unknown setting', { body: { ...createBody(), settings: { ...createBody().settings, send: 'none' as never } } }],
  ['a member named twice', { body: { ...createBody(), members: ['bob', 'bob'] } }],
  ['nobody to add', { body: { type: 'member.add', users: [], capacity: 5 } }],
  ['an unknown role', { body: { type: 'member.role', user: 'bob', role: 'king' as never } }],
  ['an unknown message kind', { body: { type: 'message.send', kind: 'smell' as never } }],
  ['a seq below 1', { body: { type: 'message.delete', seq: 0, author: 'bob' } }],
  ['an attempt below 1', { attempt: 0 }],
  ['no chat', { chat: '' }],
])('a command with %s is undecodable: no rule would know what to do with it', (_what, change) => {
  expect(decodeCommand(foreign(encodeCommand(join)))).toStrictEqual(join);
  expect(decodeCommand(foreign(encodeCommand({ ...join, ...change })))).toBeNull();
});

function createBody() {
  const settings = { join: 'open', history: 'all', send: 'all', invite: 'all' } as const;
  return { type: 'chat.create' as const, kind: 'group' as const, members: ['alice'], settings, capacity: 5 };
}
