import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { composeAllInOne } from './compose.ts';

const loadedClients = () =>
  Object.keys(createRequire(import.meta.url).cache)
    .map((path) => /node_modules\/(kafkajs|cassandra-driver|ioredis)\//.exec(path)?.[1])
    .filter((name) => name !== undefined);

test('the embedded mode loads no client of Kafka, Cassandra or Redis', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'garam-compose-'));
  try {
    const composed = await composeAllInOne({ GARAM_DATA: folder, GARAM_PORT: '0', GARAM_LOG_LEVEL: 'silent' });
    const { close } = await composed.open();
    expect(loadedClients()).toEqual([]);
    await close();
    // The look is able to find one.
    await import('@garam/eventlog-kafka/create-kafka-event-log');
    expect(loadedClients()).toContain('kafkajs');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
