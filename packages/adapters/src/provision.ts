import type { AdapterDeps } from './adapter-deps.ts';
import { cassandraOptions } from './cassandra-options.ts';
import { kafkaOptions } from './kafka-options.ts';
import type { Places } from './parse-adapter-urls.ts';

/** What was done and what is left to people, a line each. */
export interface ProvisionReport {
  done: string[];
  left: string[];
}

/**
 * Makes topics as they should be: missing ones are created, settings that differ are set. Partitions and copies of
 * existing topics are only told. May be run again at any time, also while services run.
 */
export async function provisionLog(place: Places['log'], { clock, logger }: AdapterDeps): Promise<ProvisionReport> {
  if (place.kind === 'sqlite') return { done: [`${place.path}: made by the process that opens it`], left: [] };
  const { provisionTopics } = await import('@garam/eventlog-kafka/topics/provision-topics');
  const { created, changed, differing } = await provisionTopics({
    ...kafkaOptions(place, 'garam-provision'),
    clock,
    logger,
    partitions: place.partitions,
    replicationFactor: place.replication,
    inSyncMin: place.inSync,
  });
  return {
    done: [
      ...created.map((topic) => `topic ${topic}: created`),
      ...changed.map(({ topic, setting, is, shouldBe }) => `topic ${topic}: ${setting} ${is} → ${shouldBe}`),
    ],
    left: differing.map(({ topic, setting, is, shouldBe }) => `topic ${topic}: ${setting} is ${is}, not ${shouldBe}`),
  };
}

/** Makes the keyspace and brings its tables up to date. May be run again at any time, also from several places. */
export async function provisionStore(place: Places['store'], deps: AdapterDeps): Promise<ProvisionReport> {
  if (place.kind === 'sqlite') return { done: [`${place.path}: made by the process that opens it`], left: [] };
  const { migrateKeyspace } = await import('@garam/store-cassandra/migrate-keyspace');
  await migrateKeyspace({ ...cassandraOptions(place), ...deps });
  return { done: [`keyspace ${place.keyspace}: up to date`], left: [] };
}
