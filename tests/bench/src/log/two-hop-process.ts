import { kafkaOptions } from '@garam/adapters/kafka-options';
import { parseAdapterUrls } from '@garam/adapters/parse-adapter-urls';
import { createKafkaEventLog } from '@garam/eventlog-kafka/create-kafka-event-log';
import { provisionTopics } from '@garam/eventlog-kafka/topics/provision-topics';
import { systemClock } from '@garam/runtime/system-clock';
import { quietLogger } from '@garam/telemetry/logger';
import { runTwoHops } from './run-two-hops.ts';
import type { TwoHopOptions } from './run-two-hops.ts';

/** A process of its own, as a service is one: options come as JSON in the argument, figures leave as JSON. */
const options = JSON.parse(process.argv[2]!) as TwoHopOptions & { log: string };
const place = parseAdapterUrls({ log: options.log }).log;
if (place.kind !== 'kafka') throw new Error('two hops need Kafka');
const replicas = { replicationFactor: place.replication, inSyncMin: place.inSync };
const reach = { ...kafkaOptions(place, 'garam-bench'), clock: systemClock, logger: quietLogger };
const topics = [`garam.bench.${process.pid}.first`, `garam.bench.${process.pid}.second`] as const;
await provisionTopics({ ...reach, ...replicas, partitions: place.partitions, topics });
const log = await createKafkaEventLog(reach);
console.log(JSON.stringify(await runTwoHops(log, topics, options)));
await log.close();
process.exit();
