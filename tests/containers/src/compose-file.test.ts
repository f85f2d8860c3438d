import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { mustRun, run, type Ran } from './run.ts';

const FILE = join(import.meta.dirname, '../../../docker-compose.yml');
const CLUSTER = ['gateway', 'api', 'sequencer', 'persister', 'fanout', 'receipts'];

describe('docker-compose.yml', () => {
  /** `docker compose`, or the older `docker-compose`. */
  let command: string[];

  beforeAll(async () => {
    command = (await run('docker', ['compose', 'version'])).code === 0 ? ['docker', 'compose'] : ['docker-compose'];
    await mustRun(command[0]!, [...command.slice(1), 'version']);
  });

  function compose(args: string[], env: Record<string, string | undefined> = {}): Promise<Ran> {
    return run(command[0]!, [...command.slice(1), '--file', FILE, ...args], { env });
  }

  const services = async (profile: string): Promise<string[]> => {
    const { code, stdout } = await compose(['--profile', profile, 'config', '--services'], {
      GARAM_JWT_SECRET: 'x'.repeat(16),
    });
    expect(code).toBe(0);
    return stdout.trim().split('\n');
  };

  test('each profile is valid and has what it promises', async () => {
    expect(await services('all-in-one')).toContain('garam');
    expect(await services('cluster')).toEqual(
      expect.arrayContaining([...CLUSTER, 'provision', 'edge', 'kafka', 'cassandra', 'redis']),
    );
  });

  test('without a secret for tokens nothing starts, and the variable is named', async () => {
    const { code, output } = await compose(['--profile', 'cluster', 'config'], { GARAM_JWT_SECRET: '' });
    expect(code).not.toBe(0);
    expect(output).toMatch(/GARAM_JWT_SECRET/);
  });

  test('replicas, copies of records and the address are variables', async () => {
    const { output } = await compose(['--profile', 'cluster', 'config'], {
      GARAM_JWT_SECRET: 'x'.repeat(16),
      GARAM_GATEWAYS: '7',
      GARAM_PORT: '9123',
      KAFKA_REPLICATION: '3',
      KAFKA_MIN_INSYNC: '2',
    });
    expect(output).toMatch(/replicas: 7\b/);
    expect(output).toContain('replication=3&insync=2');
    expect(output).toContain('9123');
  });
});
