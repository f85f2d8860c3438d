import type { NewRecord } from '@garam/eventlog/event-log';
import * as fc from 'fast-check';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { readRecordBatches, recordSizeMax, writeRecordBatch } from './record-batch.ts';

const NOW = 1_795_000_000_123;
const require = createRequire(import.meta.url);

const newRecord: fc.Arbitrary<NewRecord> = fc.record(
  {
    partition: fc.constant(0),
    key: fc.string({ unit: 'binary' }),
    value: fc.uint8Array({ maxLength: 300 }),
    headers: fc.dictionary(fc.stringMatching(/^ce_[a-z]{1,9}$/), fc.string({ unit: 'binary' }), {
      maxKeys: 4,
      noNullPrototype: true,
    }),
  },
  { requiredKeys: ['partition', 'key', 'value'] },
);
const batches = fc.array(fc.array(newRecord, { minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 4 });

function bytesOf(given: readonly (readonly NewRecord[])[]): Buffer {
  const writer = new ByteWriter(8);
  for (const records of given) writeRecordBatch(writer, records, NOW);
  return writer.written;
}

function plain({
  key,
  value,
  headers,
}: {
  key: string;
  value: Uint8Array;
  headers?: Readonly<Record<string, string>>;
}) {
  return { key, value: [...value], headers: { ...headers } };
}

test('records are read as they were written', () => {
  fc.assert(
    fc.property(batches, (given) => {
      const { records } = readRecordBatches(new ByteReader(bytesOf(given)), 'topic', 3, 0);
      expect(records.map(plain)).toEqual(given.flat().map(plain));
      expect(records.every((each) => each.topic === 'topic' && each.partition === 3 && each.timestamp === NOW)).toBe(
        true,
      );
    }),
  );
});

test('kafkajs reads the same from what we write', async () => {
  type Decoded = { records: { offset: string; key: Buffer; value: Buffer; headers: Record<string, Buffer> }[] };
  const Decoder = require('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => object;
  const decode = require('kafkajs/src/protocol/recordBatch/v0/decoder') as (decoder: object) => Promise<Decoded>;
  await fc.assert(
    fc.asyncProperty(fc.array(newRecord, { minLength: 1, maxLength: 20 }), async (given) => {
      const { records } = await decode(new Decoder(bytesOf([given])));
      expect(records.map(({ offset }) => Number(offset))).toEqual(given.map((_, index) => index));
      const texts = ({ key, value, headers }: Decoded['records'][number]) => ({
        key: String(key ?? ''),
        value: [...value],
        headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, String(text)])),
      });
      expect(records.map(texts)).toEqual(given.map(plain));
    }),
    { numRuns: 50 },
  );
});

test('a record never takes more room than foretold', () => {
  fc.assert(
    fc.property(newRecord, (record) => {
      const one = bytesOf([[record]]).length;
      const two = bytesOf([[record, record]]).length;
      expect(two - one).toBeLessThanOrEqual(recordSizeMax(record));
    }),
  );
});

test('a batch cut off at the end is left for the next time, and what lies before the offset is left out', () => {
  const given = ['a', 'b', 'c'].map((key) => ({ partition: 0, key, value: new Uint8Array(1) }));
  const bytes = Buffer.concat([bytesOf([given]), bytesOf([given]).subarray(0, 70)]);
  const { records, nextOffset } = readRecordBatches(new ByteReader(bytes), 'topic', 0, 1);
  expect(records.map(({ key, offset }) => [key, offset])).toEqual([
    ['b', 1],
    ['c', 2],
  ]);
  expect(nextOffset).toBe(3);
});

test('a compressed batch is refused, never misread', () => {
  const bytes = bytesOf([[{ partition: 0, key: 'a', value: new Uint8Array(1) }]]);
  bytes.writeInt16BE(1, 21);
  expect(() => readRecordBatches(new ByteReader(bytes), 'topic', 0, 0)).toThrow(/compress/);
});
