import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { leaveOutWithoutServers } from '@garam/tests-stack/servers';
import { defineConfig } from 'vitest/config';

/**
 * Two projects: the tests, then, when all of them have run, the comparison of what they
 * covered with the tables of docs/protocol.md (`groupOrder` makes the order certain). GARAM_TOPOLOGY=cluster starts a
 * cluster for them instead of embedded processes.
 */
const isStarted = process.env['GARAM_TOPOLOGY'] === 'cluster';
const cluster = isStarted || (process.env['GARAM_E2E_URLS'] ?? '') !== '';
const isLeftOut = isStarted && leaveOutWithoutServers('over the wire, cluster');
const env = { GARAM_E2E_COVERAGE: join(tmpdir(), `garam-e2e-${process.pid}`) };
const root = import.meta.dirname;

export default defineConfig({
  test: {
    passWithNoTests: isLeftOut,
    projects: [
      {
        test: {
          name: 'e2e',
          root,
          env,
          include: isLeftOut ? [] : ['src/**/*.test.ts'],
          exclude: ['src/coverage.test.ts', ...(cluster ? ['src/**/*.embedded.test.ts'] : [])],
          globalSetup: isLeftOut ? [] : ['src/global-setup.ts'],
          setupFiles: ['src/close-clients.ts'],
          isolate: false,
          maxWorkers: 2,
          testTimeout: 60_000,
          hookTimeout: 90_000,
          sequence: { groupOrder: 90 },
        },
      },
      {
        test: {
          name: 'e2e-coverage',
          root,
          env,
          include: isLeftOut ? [] : ['src/coverage.test.ts'],
          sequence: { groupOrder: 91 },
        },
      },
    ],
  },
});
