import { systemClock } from '@garam/runtime/system-clock';
import { quietLogger } from '@garam/telemetry/logger';
import { eventLogContract, type EventLogFixture } from '@garam/testkit/eventlog-contract';
import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';
import { createKafkaEventLog } from './create-kafka-event-log.ts';
import type { KafkaOptions } from './kafka-options.ts';
import { createTopicTools } from './testing/topic-tools.ts';

const PARTITIONS = 4;
const SHAPE = { partitions: PARTITIONS, replicationFactor: 1 };

eventLogContract('Kafka', makeFixture);

async function makeFixture(): Promise<EventLogFixture> {
  const brokers = inject('stack').log!.slice('kafka://'.length).split(',');
  const kafka: KafkaOptions = { brokers, clientId: 'contract', clock: systemClock, logger: quietLogger };
  const tools = createTopicTools(kafka, SHAPE);
  const topics: string[] = [];
  const open = () => createKafkaEventLog({ ...kafka, provision: { ...SHAPE, inSyncMin: 1 } });
  let log = await open();
  return {
    get log() {
      return log;
    },
    async newTopic() {
      const name = `topic-${randomUUID()}`;
      await tools.newTopic(name);
      topics.push(name);
      return name;
    },
    newGroup: () => `group-${randomUUID()}`,
    async restart() {
      await log.close();
      log = await open();
    },
    breakAppends: () => tools.refuseAppends(log, topics),
    async loseOldest(topic, partition) {
      await tools.deleteBefore(topic, partition, 3);
      return 3;
    },
    async dispose() {
      await log.close();
      tools.close();
    },
  };
}
