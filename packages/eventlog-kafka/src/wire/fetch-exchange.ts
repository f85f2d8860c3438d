import type { LogRecord } from '@garam/eventlog/event-log';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import type { Exchange } from './exchange.ts';
import { readRecordBatches } from './record-batch.ts';

export interface FetchPosition {
  topic: string;
  partition: number;
  offset: number;
}

export interface FetchLimits {
  /** How long the broker waits for a first byte, ms. */
  waitMs: number;
  bytesMax: number;
  partitionBytesMax: number;
}

export interface FetchedPartition {
  topic: string;
  partition: number;
  errorCode: number;
  records: LogRecord[];
  /** Where to go on. */
  nextOffset: number;
}

/** Fetch, version 11, without a fetch session. A topic-partition occurs at most once. */
export function fetchExchange(positions: readonly FetchPosition[], limits: FetchLimits): Exchange<FetchedPartition[]> {
  return {
    name: 'Fetch',
    apiKey: 1,
    apiVersion: 11,
    encode: () => encode(positions, limits),
    decode: (payload) => decode(payload, positions),
    extraMs: limits.waitMs,
  };
}

function encode(positions: readonly FetchPosition[], limits: FetchLimits): Buffer {
  const writer = new ByteWriter(64 + positions.length * 64);
  writer.int32(-1); // a consumer, not a replica
  writer.int32(limits.waitMs);
  writer.int32(1); // bytes at least
  writer.int32(limits.bytesMax);
  writer.int8(0); // read uncommitted: this log has no transactions
  writer.int32(0); // no session
  writer.int32(-1);
  const byTopic = Map.groupBy(positions, ({ topic }) => topic);
  writer.int32(byTopic.size);
  for (const [topic, ofTopic] of byTopic) {
    writer.string(topic);
    writer.int32(ofTopic.length);
    for (const { partition, offset } of ofTopic) {
      writer.int32(partition);
      writer.int32(-1); // leader epoch not checked
      writer.int64(offset);
      writer.int64(-1);
      writer.int32(limits.partitionBytesMax);
    }
  }
  writer.int32(0); // nothing forgotten
  writer.string('');
  return writer.written;
}

function decode(payload: Buffer, positions: readonly FetchPosition[]): FetchedPartition[] {
  const reader = new ByteReader(payload);
  reader.int32(); // throttle time
  const errorCode = reader.int16();
  reader.int32(); // session
  if (errorCode !== 0) return positions.map((at) => ({ ...at, errorCode, records: [], nextOffset: at.offset }));
  const offsets = new Map(positions.map(({ topic, partition, offset }) => [`${topic}/${partition}`, offset]));
  const fetched: FetchedPartition[] = [];
  for (let topics = reader.int32(); topics > 0; topics--) {
    const topic = reader.string();
    for (let partitions = reader.int32(); partitions > 0; partitions--) {
      fetched.push(readPartition(reader, topic, offsets));
    }
  }
  return fetched;
}

function readPartition(reader: ByteReader, topic: string, offsets: ReadonlyMap<string, number>): FetchedPartition {
  const partition = reader.int32();
  const errorCode = reader.int16();
  reader.position += 24; // high watermark, last stable offset, log start offset
  for (let aborted = reader.int32(); aborted > 0; aborted--) reader.position += 16;
  reader.int32(); // preferred read replica
  const size = Math.max(0, reader.int32());
  const end = reader.position + size;
  const from = offsets.get(`${topic}/${partition}`) ?? 0;
  const body = new ByteReader(reader.bytes, reader.position, end);
  reader.position = end;
  if (errorCode !== 0) return { topic, partition, errorCode, records: [], nextOffset: from };
  return { topic, partition, errorCode, ...readRecordBatches(body, topic, partition, from) };
}
