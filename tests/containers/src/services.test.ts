import { describe, expect, test } from 'vitest';
import { createVolume, startContainer } from './container.ts';
import { JWT_SECRET } from './tokens.ts';

const SQLITE = { GARAM_LOG: 'sqlite:/data/garam.db', GARAM_STORE: 'sqlite:/data/garam.db' };
const UNUSABLE_CONFIGURATION = 78;

describe('one service in a container', () => {
  test.each(['sequencer', 'persister'])('%s becomes healthy and ends with exit code 0 on SIGTERM', async (service) => {
    const container = await startContainer({ command: [service], env: SQLITE, volume: await createVolume() });
    await container.healthy();
    await container.kill('TERM');
    expect(await container.ended()).toBe(0);
    expect(await container.logs()).toContain(`"service":"${service}"`);
  });

  test.each(['gateway', 'api'])('%s without a way to verify tokens does not start and says so', async (service) => {
    const container = await startContainer({ command: [service], env: SQLITE });
    expect(await container.ended()).toBe(UNUSABLE_CONFIGURATION);
    expect(await container.logs()).toContain('GARAM_JWT_SECRET or GARAM_JWKS_URL: one of them is required');
  });

  test('a gateway asked for uWebSockets.js without it does not start and says how to get it', async () => {
    const env = { ...SQLITE, GARAM_JWT_SECRET: JWT_SECRET, GARAM_TRANSPORT: 'uws' };
    const container = await startContainer({ command: ['gateway'], env });
    expect(await container.ended()).toBe(UNUSABLE_CONFIGURATION);
    expect(await container.logs()).toContain('npm install --no-save uNetworking/uWebSockets.js#v');
  });

  test('a service whose brokers are out of reach lives, is not healthy, and ends on SIGTERM at once', async () => {
    const env = { ...SQLITE, GARAM_LOG: 'kafka://127.0.0.1:1' };
    const container = await startContainer({ command: ['sequencer'], env, volume: await createVolume() });
    await expect
      .poll(() => container.execute('node', '/app/deploy/docker/check-health.mjs'), { timeout: 20_000 })
      .toBe(1);
    await container.kill('TERM');
    expect(await container.ended()).toBe(0);
  });

  test('a command of garam runs to its end: the topics and tables are made', async () => {
    const container = await startContainer({ command: ['provision'], env: SQLITE, volume: await createVolume() });
    expect(await container.ended()).toBe(0);
  });
});
