import { systemClock } from '@garam/runtime/system-clock';
import { quietLogger } from '@garam/telemetry/logger';
import { createKafkaEventLog } from '../create-kafka-event-log.ts';

/** A process that consumes a topic and says so on standard output, for tests that end it from outside. */
const [brokers, group, topic] = process.argv.slice(2) as [string, string, string];
const log = await createKafkaEventLog({
  brokers: brokers.split(','),
  clientId: 'child',
  clock: systemClock,
  logger: quietLogger,
  sessionTimeoutMs: 6_000,
});
const consumer = log.consume({
  group,
  topics: [topic],
  assigned: ({ partition }) => ({
    handle: async (records) => {
      for (const { offset } of records) process.stdout.write(`${partition}/${offset}\n`);
    },
  }),
});
await consumer.ready();
process.stdout.write('ready\n');
