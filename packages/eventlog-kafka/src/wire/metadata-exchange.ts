import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import type { Exchange } from './exchange.ts';

export interface ClusterMetadata {
  clusterId: string;
  brokers: { id: number; host: string; port: number }[];
  topics: TopicMetadata[];
}

export interface TopicMetadata {
  errorCode: number;
  name: string;
  /** Given by the cluster when the topic was created: another one when it was created again. */
  id: string;
  partitions: { partition: number; leader: number; replicas: number[] }[];
}

const NO_ID = Buffer.alloc(16);

/**
 * Metadata, version 11 (Kafka 2.8 and later): the first with topic ids in a layout that is still spoken, which kafkajs's
 * codec lacks. Creates no topics. null asks for all there are.
 */
export function metadataExchange(topics: readonly string[] | null): Exchange<ClusterMetadata> {
  return { name: 'Metadata', apiKey: 3, apiVersion: 11, isFlexible: true, encode: () => encode(topics), decode };
}

function encode(topics: readonly string[] | null): Buffer {
  const writer = new ByteWriter();
  writer.uvarint(topics === null ? 0 : topics.length + 1);
  for (const topic of topics ?? []) {
    writer.bytes(NO_ID);
    writer.compactString(topic);
    writer.uvarint(0);
  }
  writer.int8(0); // no automatic creation
  writer.int8(0); // no authorized operations
  writer.uvarint(0);
  return writer.written;
}

function decode(payload: Buffer): ClusterMetadata {
  const reader = new ByteReader(payload);
  reader.int32(); // throttle time
  const brokers = reader.compactArray(() => {
    const broker = { id: reader.int32(), host: reader.compactString() ?? '', port: reader.int32() };
    reader.compactString(); // rack
    reader.skipTags();
    return broker;
  });
  const clusterId = reader.compactString() ?? '';
  reader.int32(); // controller
  return { clusterId, brokers, topics: reader.compactArray(() => readTopic(reader)) };
}

function readTopic(reader: ByteReader): TopicMetadata {
  const errorCode = reader.int16();
  const name = reader.compactString() ?? '';
  const id = reader.take(16).toString('base64url');
  reader.int8(); // internal
  const partitions = reader.compactArray(() => {
    reader.int16(); // error: the leader is −1 then
    const partition = reader.int32();
    const leader = reader.int32();
    reader.int32(); // leader epoch
    const replicas = reader.compactArray(() => reader.int32());
    reader.compactArray(() => reader.int32()); // in sync
    reader.compactArray(() => reader.int32()); // offline
    reader.skipTags();
    return { partition, leader, replicas };
  });
  reader.int32(); // authorized operations
  reader.skipTags();
  return { errorCode, name, id, partitions };
}
