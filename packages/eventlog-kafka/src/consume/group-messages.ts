import type { PartitionRef } from '../read/partition-offsets.ts';
import { ByteReader } from '../wire/byte-reader.ts';
import { ByteWriter } from '../wire/byte-writer.ts';

/** Name of the way partitions are shared: members with another one cannot join the group. */
export const ASSIGNOR = 'garam-cooperative';

/** Partitions by topic, as JSON within the user data both messages have. */
type ByTopic = Record<string, number[]>;

/** What a member says when it joins: Kafka's consumer protocol, version 0. */
export function encodeSubscription(topics: readonly string[], owned: readonly PartitionRef[]): Buffer {
  const writer = new ByteWriter();
  writer.int16(0);
  writer.int32(topics.length);
  for (const topic of topics) writer.string(topic);
  writeUserData(writer, { owned: byTopic(owned) });
  return Buffer.from(writer.written);
}

export function decodeSubscription(bytes: Buffer): { topics: string[]; owned: PartitionRef[] } {
  const reader = new ByteReader(bytes);
  reader.int16();
  const topics = Array.from({ length: reader.int32() }, () => reader.string());
  const { owned } = readUserData(reader) as { owned?: ByTopic };
  return { topics, owned: toRefs(owned ?? {}) };
}

/** What the leader gives a member. */
export function encodeShare(share: readonly PartitionRef[], isSettled: boolean): Buffer {
  const writer = new ByteWriter();
  const topics = Object.entries(byTopic(share));
  writer.int16(0);
  writer.int32(topics.length);
  for (const [topic, partitions] of topics) {
    writer.string(topic);
    writer.int32(partitions.length);
    for (const partition of partitions) writer.int32(partition);
  }
  writeUserData(writer, { isSettled });
  return Buffer.from(writer.written);
}

export function decodeShare(bytes: Buffer): { share: PartitionRef[]; isSettled: boolean } {
  if (bytes.length === 0) return { share: [], isSettled: false };
  const reader = new ByteReader(bytes);
  reader.int16();
  const share: PartitionRef[] = [];
  for (let topics = reader.int32(); topics > 0; topics--) {
    const topic = reader.string();
    for (let partitions = reader.int32(); partitions > 0; partitions--) {
      share.push({ topic, partition: reader.int32() });
    }
  }
  const { isSettled } = readUserData(reader) as { isSettled?: boolean };
  return { share, isSettled: isSettled ?? true };
}

function writeUserData(writer: ByteWriter, data: object): void {
  const bytes = Buffer.from(JSON.stringify(data));
  writer.int32(bytes.length);
  writer.bytes(bytes);
}

function readUserData(reader: ByteReader): object {
  const length = reader.int32();
  return length <= 0 ? {} : (JSON.parse(reader.text(length)) as object);
}

function byTopic(partitions: readonly PartitionRef[]): ByTopic {
  const found: ByTopic = {};
  for (const { topic, partition } of partitions) (found[topic] ??= []).push(partition);
  return found;
}

function toRefs(partitions: ByTopic): PartitionRef[] {
  return Object.entries(partitions).flatMap(([topic, ofTopic]) => ofTopic.map((partition) => ({ topic, partition })));
}
