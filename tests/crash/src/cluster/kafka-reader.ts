import { Kafka, logLevel } from 'kafkajs';
import type { Admin } from 'kafkajs';
import type { Cluster } from '@garam/cluster/start-cluster';
import { pause, withDeadline } from '@garam/tests-driver/deadline';

/** Offsets by partition. */
export type Offsets = Map<number, bigint>;

/** A record as any other service of the customer would read it. */
export interface RawRecord {
  partition: number;
  offset: bigint;
  key: string;
  value: Buffer;
}

/** Reads the cluster's topics with a stock client, knowing nothing of the product. */
export interface KafkaReader {
  ends(topic: string): Promise<Offsets>;
  topics(): Promise<string[]>;
  /** Partitions a group has never committed are not there. */
  committed(group: string, topic: string): Promise<Offsets>;
  /** Every record that is there now, in offset order per partition. */
  readAll(topic: string): Promise<RawRecord[]>;
  close(): Promise<void>;
}

export async function openKafkaReader(cluster: Pick<Cluster, 'addresses'>): Promise<KafkaReader> {
  const brokers = new URL(cluster.addresses['GARAM_LOG']!.replace(/^kafka:/, 'http:')).host.split(',');
  const kafka = new Kafka({ brokers, clientId: 'crash-checker', logLevel: logLevel.NOTHING, retry: { retries: 8 } });
  const admin = kafka.admin();
  await admin.connect();
  return {
    ends: (topic) => patiently(() => endsOf(admin, topic)),
    async committed(groupId, topic) {
      const [found] = await patiently(() => admin.fetchOffsets({ groupId, topics: [topic] }));
      const known = (found?.partitions ?? []).filter(({ offset }) => BigInt(offset) >= 0n);
      return new Map(known.map(({ partition, offset }) => [partition, BigInt(offset)]));
    },
    topics: () => admin.listTopics(),
    readAll: (topic) => readAll(kafka, admin, topic),
    close: () => admin.disconnect(),
  };
}

const ATTEMPTS_MAX = 60;
const RETRY_MS = 500;

/** A broker that has just started refuses for a while what it will answer later. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === ATTEMPTS_MAX) throw error;
      await pause(RETRY_MS);
    }
  }
}

async function endsOf(admin: Admin, topic: string): Promise<Offsets> {
  const partitions = await admin.fetchTopicOffsets(topic);
  return new Map(partitions.map(({ partition, high }) => [partition, BigInt(high)]));
}

const READ_MS_MAX = 180_000;

async function readAll(kafka: Kafka, admin: Admin, topic: string): Promise<RawRecord[]> {
  const left = await endsOf(admin, topic);
  for (const [partition, end] of left) if (end === 0n) left.delete(partition);
  const records: RawRecord[] = [];
  if (left.size === 0) return records;
  const groupId = `crash-checker-${process.pid}-${performance.now()}`;
  const consumer = kafka.consumer({ groupId, maxBytesPerPartition: 4_000_000 });
  const done = Promise.withResolvers<void>();
  consumer.on(consumer.events.CRASH, ({ payload }) => done.reject(payload.error));
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        const { partition } = batch;
        for (const { offset, key, value } of batch.messages) {
          records.push({
            partition,
            offset: BigInt(offset),
            key: key?.toString() ?? '',
            value: value ?? Buffer.alloc(0),
          });
        }
        if (BigInt(batch.lastOffset()) + 1n >= (left.get(partition) ?? 0n)) left.delete(partition);
        if (left.size === 0) done.resolve();
      },
    });
    await withDeadline(done.promise, READ_MS_MAX, `reading ${topic}`);
  } finally {
    await consumer.disconnect();
  }
  return records;
}
