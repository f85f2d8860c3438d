import type { NewRecord } from '@garam/eventlog/event-log';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import type { Exchange } from './exchange.ts';
import { recordSizeMax, writeRecordBatch } from './record-batch.ts';

export interface ProduceBatch {
  topic: string;
  partition: number;
  records: readonly NewRecord[];
}

export interface ProducedBatch {
  topic: string;
  partition: number;
  errorCode: number;
  baseOffset: number;
  /** −1 where the topic does not use LogAppendTime. */
  appendTime: number;
}

/** Produce, version 7, acknowledged by all in-sync replicas. A topic-partition occurs at most once. */
export function produceExchange(
  batches: readonly ProduceBatch[],
  { ackTimeoutMs, now }: { ackTimeoutMs: number; now: number },
): Exchange<ProducedBatch[]> {
  return { name: 'Produce', apiKey: 0, apiVersion: 7, encode: () => encode(batches, ackTimeoutMs, now), decode };
}

function encode(batches: readonly ProduceBatch[], ackTimeoutMs: number, now: number): Buffer {
  let sizeHint = 64;
  for (const { records } of batches) {
    sizeHint += 128;
    for (const record of records) sizeHint += recordSizeMax(record);
  }
  const writer = new ByteWriter(sizeHint);
  writer.int16(-1); // no transaction
  writer.int16(-1); // all in-sync replicas
  writer.int32(ackTimeoutMs);
  const byTopic = Map.groupBy(batches, ({ topic }) => topic);
  writer.int32(byTopic.size);
  for (const [topic, ofTopic] of byTopic) {
    writer.string(topic);
    writer.int32(ofTopic.length);
    for (const { partition, records } of ofTopic) {
      writer.int32(partition);
      const sizeAt = writer.position;
      writer.int32(0);
      writeRecordBatch(writer, records, now);
      writer.int32At(writer.position - sizeAt - 4, sizeAt);
    }
  }
  return writer.written;
}

function decode(payload: Buffer): ProducedBatch[] {
  const reader = new ByteReader(payload);
  const produced: ProducedBatch[] = [];
  for (let topics = reader.int32(); topics > 0; topics--) {
    const topic = reader.string();
    for (let partitions = reader.int32(); partitions > 0; partitions--) {
      const partition = reader.int32();
      const errorCode = reader.int16();
      const baseOffset = reader.int64();
      const appendTime = reader.int64();
      reader.int64(); // log start offset
      produced.push({ topic, partition, errorCode, baseOffset, appendTime });
    }
  }
  return produced;
}
