import { freePort } from '@garam/tests-driver/embedded-server';
import { until } from '@garam/tests-driver/deadline';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startProcess, type GaramProcess } from './garam-process.ts';

const SERVICES = ['gateway', 'api', 'sequencer', 'persister', 'fanout', 'receipts'];
const mainOf = (service: string) => `services/${service}/src/main.ts`;
/** Nobody listens there. */
const NOWHERE = '127.0.0.1:1';

function start(service: string, settings: Record<string, string>): GaramProcess {
  const started = startProcess(mainOf(service), settings);
  onTestFinished(async () => {
    started.signal('SIGKILL');
    await started.ended;
  });
  return started;
}

async function startWaiting(
  timeoutMs: number,
): Promise<{ started: GaramProcess; status(path: string): Promise<number> }> {
  const port = await freePort();
  const started = start('persister', {
    GARAM_LOG: `kafka://${NOWHERE}`,
    GARAM_STORE: `cassandra://${NOWHERE}/garam`,
    GARAM_HEALTH_PORT: String(port),
    GARAM_START_TIMEOUT_MS: String(timeoutMs),
  });
  const status = async (path: string): Promise<number> => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined);
    return answer?.status ?? 0;
  };
  return { started, status };
}

describe('a configuration that cannot be used', () => {
  test.each(SERVICES)('ends %s with 78 and all problems', async (service) => {
    const { code, output } = await start(service, { GARAM_LOG: 'mysql://x', GARAM_DRAIN_MS: 'soon' }).ended;
    expect(code).toBe(78);
    expect(output).toContain('GARAM_LOG: expected one of sqlite:…, kafka:…');
    expect(output).toContain('GARAM_DRAIN_MS');
  });

  test('is also an address without what is needed, and the accepted forms are told', async () => {
    const { code, output } = await start('sequencer', { GARAM_LOG: 'kafka://somewhere' }).ended;
    expect(code).toBe(78);
    expect(output).toContain('GARAM_LOG: "somewhere" is not host:port; expected sqlite:./path/to/file.db or kafka://');
  });

  test('is a bus that other processes cannot reach', async () => {
    const { code, output } = await start('fanout', { GARAM_LOG: `kafka://${NOWHERE}` }).ended;
    expect(code).toBe(78);
    expect(output).toContain('GARAM_BUS');
  });

  test('ends garam provision with 78 as well', async () => {
    const provision = startProcess('apps/garam/src/main.ts', {}, ['provision', '--log', 'kafka://']);
    expect((await provision.ended).code).toBe(78);
  });
});

describe('a service whose servers are out of reach', () => {
  test('lives, is not ready, and ends with 0 when it is told to', async () => {
    const { started, status } = await startWaiting(60_000);
    await until(async () => (await status('/livez')) === 200, 30_000, 'live');
    expect(await status('/readyz')).toBe(503);
    expect(await status('/metrics')).toBe(200);
    started.signal('SIGTERM');
    expect(await started.ended).toMatchObject({ code: 0 });
  });

  test('ends with 1 after its time to start, and says why', async () => {
    const { started } = await startWaiting(1_000);
    const { code, output } = await started.ended;
    expect(code).toBe(1);
    expect(output).toContain('could not start');
    expect(output).toContain(NOWHERE);
  });
});
