import { leaveOutWithoutServers } from '@garam/tests-stack/servers';
import { defineConfig } from 'vitest/config';

const isLeftOut = leaveOutWithoutServers('cluster: what needs servers');

export default defineConfig({
  test: {
    name: 'cluster',
    root: import.meta.dirname,
    include: ['src/**/*.test.ts'],
    exclude: isLeftOut ? ['src/replace-processes.test.ts'] : [],
    maxWorkers: 1,
    testTimeout: 400_000,
    hookTimeout: 480_000,
  },
});
