import type { EventLog } from '@garam/eventlog/event-log';
import { until } from '@garam/testkit/until';
import { Cluster } from '../cluster/cluster.ts';
import type { KafkaOptions } from '../kafka-options.ts';
import { alterSettings, awaitServing, createTopics } from '../topics/topic-admin.ts';

/** What tests do to topics behind the log's back. */
export interface TopicTools {
  readonly cluster: Cluster;
  /** Makes a topic that can be written. */
  newTopic(name: string): Promise<void>;
  /** Lets the broker refuse every append to the topics: none is small enough. */
  refuseAppends(log: EventLog, topics: readonly string[]): Promise<() => Promise<void>>;
  /** Deletes what lies before `offset`, as retention does. */
  deleteBefore(topic: string, partition: number, offset: number): Promise<void>;
  close(): void;
}

export interface TopicShape {
  partitions: number;
  replicationFactor: number;
}

const LANE = 'tools';

export function createTopicTools(options: KafkaOptions, { partitions, replicationFactor }: TopicShape): TopicTools {
  const cluster = new Cluster(options);

  async function setBytesMax(topics: readonly string[], bytes: number): Promise<void> {
    await alterSettings(cluster, new Map(topics.map((topic) => [topic, { 'max.message.bytes': String(bytes) }])));
  }

  const isAppending = async (log: EventLog, topic: string): Promise<boolean> => {
    const probe = { partition: partitions - 1, key: 'probe', value: new Uint8Array(1) };
    return log.append(topic, probe).then(
      () => true,
      () => false,
    );
  };

  return {
    cluster,
    async newTopic(name) {
      await createTopics(cluster, [name], { partitions, replicationFactor, inSyncMin: Math.min(2, replicationFactor) });
      await awaitServing(cluster, [name], options.clock);
    },
    async refuseAppends(log, topics) {
      await setBytesMax(topics, 1);
      for (const topic of topics) await until(async () => !(await isAppending(log, topic)), 'appends are refused');
      return async () => {
        await setBytesMax(topics, 1_000_000);
        for (const topic of topics) await until(() => isAppending(log, topic), 'appends are taken again');
      };
    },
    async deleteBefore(topic, partition, offset) {
      await cluster.refresh([topic]);
      const connection = await cluster.connect(cluster.leader(topic, partition)!, LANE);
      await connection.call('DeleteRecords', {
        topics: [{ topic, partitions: [{ partition, offset: String(offset) }] }],
      });
    },
    close: () => cluster.close(),
  };
}
