import type { EventLog } from '@garam/eventlog/event-log';
import type { AdapterDeps, AdapterOptions, Opened } from './adapter-deps.ts';
import { kafkaOptions } from './kafka-options.ts';
import type { KafkaPlace, Places, SqlitePlace } from './parse-adapter-urls.ts';

/**
 * Opens the log, waiting for its servers until the deadline. Adapters are loaded when they are asked for: one process
 * on SQLite never loads a client of Kafka.
 * @throws LogError `unavailable`
 */
export function openLog(place: Places['log'], deps: AdapterDeps, options: AdapterOptions): Promise<Opened<EventLog>> {
  return place.kind === 'kafka' ? openKafka(place, deps, options) : openFile(place, deps);
}

async function openFile({ path }: SqlitePlace, { clock }: AdapterDeps): Promise<Opened<EventLog>> {
  const [{ openSqlite }, { createSqliteEventLog }, { LOG_RETENTION_MS }] = await Promise.all([
    import('@garam/sqlite/open-sqlite'),
    import('@garam/eventlog-sqlite/create-sqlite-event-log'),
    import('@garam/eventlog-sqlite/log-retention'),
  ]);
  const file = openSqlite(path, { clock });
  const port = createSqliteEventLog(file, { clock, retentionMs: LOG_RETENTION_MS });
  return {
    port,
    file,
    async close() {
      await port.close();
      await file.close();
    },
  };
}

async function openKafka(
  place: KafkaPlace,
  { clock, logger }: AdapterDeps,
  { clientName, openDeadlineMs, provision }: AdapterOptions,
): Promise<Opened<EventLog>> {
  const { createKafkaEventLog } = await import('@garam/eventlog-kafka/create-kafka-event-log');
  const replicas = { replicationFactor: place.replication, inSyncMin: place.inSync };
  const port = await createKafkaEventLog({
    ...kafkaOptions(place, clientName),
    clock,
    logger,
    openDeadlineMs,
    sessionTimeoutMs: place.sessionMs,
    deadLetters: replicas,
    ...(provision ? { provision: { ...replicas, partitions: place.partitions } } : {}),
  });
  return { port, close: () => port.close() };
}
