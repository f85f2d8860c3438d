import type { LogRecord, NewRecord } from '@garam/eventlog/event-log';
import { ByteReader } from './byte-reader.ts';
import { varintSize, type ByteWriter } from './byte-writer.ts';
import { crc32c } from './crc32c.ts';

/**
 * Record batches of magic 2, uncompressed, without producer identity:
 * baseOffset int64, length int32, leaderEpoch int32, magic int8, crc uint32, attributes int16, lastOffsetDelta int32,
 * baseTimestamp int64, maxTimestamp int64, producerId int64, producerEpoch int16, baseSequence int32, count int32.
 */
const HEADER_BYTES = 61;
/** Bytes of the header that `length` does not count. */
const LENGTH_END = 12;
const CRC_AT = 17;
const ATTRIBUTES_AT = 21;
const LOG_APPEND_TIME = 0x08;
const COMPRESSION = 0x07;
const CONTROL = 0x20;
const MAGIC = 2;
const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze({});

/** At most what a record takes in a batch; cheap, for bounds. */
export function recordSizeMax({ key, value, headers }: NewRecord): number {
  let size = 32 + key.length * 3 + value.length;
  for (const name in headers) size += 10 + (name.length + headers[name]!.length) * 3;
  return size;
}

/** Writes the records as one batch. `now` is only what a topic without LogAppendTime would show. */
export function writeRecordBatch(writer: ByteWriter, records: readonly NewRecord[], now: number): void {
  const start = writer.position;
  writer.int64(0);
  writer.int32(0);
  writer.int32(-1);
  writer.int8(MAGIC);
  writer.int32(0);
  writer.int16(0);
  writer.int32(records.length - 1);
  writer.int64(now);
  writer.int64(now);
  writer.int64(-1);
  writer.int16(-1);
  writer.int32(-1);
  writer.int32(records.length);
  for (let index = 0; index < records.length; index++) writeRecord(writer, records[index]!, index);
  writer.int32At(writer.position - start - LENGTH_END, start + 8);
  writer.uint32At(crc32c(writer.written, start + ATTRIBUTES_AT, writer.position), start + CRC_AT);
}

function writeRecord(writer: ByteWriter, { key, value, headers }: NewRecord, offsetDelta: number): void {
  const keyLength = Buffer.byteLength(key);
  let size = 2 + varintSize(offsetDelta) + varintSize(keyLength) + keyLength + varintSize(value.length) + value.length;
  const lengths: number[] = [];
  for (const name in headers) {
    const nameLength = Buffer.byteLength(name);
    const textLength = Buffer.byteLength(headers[name]!);
    lengths.push(nameLength, textLength);
    size += varintSize(nameLength) + nameLength + varintSize(textLength) + textLength;
  }
  size += varintSize(lengths.length / 2);
  writer.varint(size);
  writer.int8(0); // attributes
  writer.int8(0); // timestamp delta
  writer.varint(offsetDelta);
  writer.varint(keyLength);
  writer.text(key, keyLength);
  writer.varint(value.length);
  writer.bytes(value);
  writer.varint(lengths.length / 2);
  let at = 0;
  for (const name in headers) {
    writer.varint(lengths[at]!);
    writer.text(name, lengths[at++]!);
    writer.varint(lengths[at]!);
    writer.text(headers[name]!, lengths[at++]!);
  }
}

export interface ReadRecords {
  records: LogRecord[];
  /** Offset after everything in the batches, also after what is not shown (control records). */
  nextOffset: number;
}

/**
 * Reads the batches of one partition, leaving out what lies before `from`; a batch cut off at the end is ignored.
 * Keys, values and headers are views of the received bytes or texts made from them.
 * @throws RangeError for batches in a format this log never writes
 */
export function readRecordBatches(reader: ByteReader, topic: string, partition: number, from: number): ReadRecords {
  const records: LogRecord[] = [];
  let nextOffset = from;
  while (reader.left >= HEADER_BYTES) {
    const baseOffset = reader.int64();
    const end = reader.position + 4 + reader.bytes.readInt32BE(reader.position);
    if (end > reader.end) break;
    reader.position += 8;
    const magic = reader.int8();
    if (magic !== MAGIC) throw new RangeError(`record batch of magic ${magic}`);
    reader.position += 4;
    const attributes = reader.int16();
    if ((attributes & COMPRESSION) !== 0) throw new RangeError('compressed record batch: the topic must not compress');
    const lastOffset = baseOffset + reader.int32();
    const baseTimestamp = reader.int64();
    const maxTimestamp = reader.int64();
    reader.position += 14;
    const count = reader.int32();
    if ((attributes & CONTROL) === 0) {
      const isAppendTime = (attributes & LOG_APPEND_TIME) !== 0;
      const batch = {
        topic,
        partition,
        from,
        baseOffset,
        timestamp: isAppendTime ? maxTimestamp : baseTimestamp,
        isAppendTime,
      };
      const body = new ByteReader(reader.bytes, reader.position, end);
      for (let index = 0; index < count; index++) readRecord(body, batch, records);
    }
    reader.position = end;
    nextOffset = Math.max(nextOffset, lastOffset + 1);
  }
  return { records, nextOffset };
}

interface BatchFrame {
  topic: string;
  partition: number;
  from: number;
  baseOffset: number;
  timestamp: number;
  isAppendTime: boolean;
}

function readRecord(reader: ByteReader, batch: BatchFrame, records: LogRecord[]): void {
  const size = reader.varint();
  const end = reader.position + size;
  reader.position++;
  const timestampDelta = reader.varint();
  const offset = batch.baseOffset + reader.varint();
  if (offset >= batch.from) {
    const key = reader.text(Math.max(0, reader.varint()));
    const value = reader.take(Math.max(0, reader.varint()));
    const timestamp = batch.isAppendTime ? batch.timestamp : batch.timestamp + timestampDelta;
    const { topic, partition } = batch;
    records.push({ topic, partition, offset, timestamp, key, value, headers: readHeaders(reader) });
  }
  reader.position = end;
}

function readHeaders(reader: ByteReader): Readonly<Record<string, string>> {
  const count = reader.varint();
  if (count === 0) return NO_HEADERS;
  const headers: Record<string, string> = {};
  for (let index = 0; index < count; index++) {
    const name = reader.text(reader.varint());
    headers[name] = reader.text(Math.max(0, reader.varint()));
  }
  return headers;
}
