import { leaveOutWithoutServers } from '@garam/tests-stack/servers';
import { defineConfig } from 'vitest/config';

const isLeftOut = leaveOutWithoutServers('outages');

export default defineConfig({
  test: {
    name: 'outages',
    root: import.meta.dirname,
    include: isLeftOut ? [] : ['src/**/*.test.ts'],
    passWithNoTests: isLeftOut,
    maxWorkers: 1,
    testTimeout: 600_000,
    hookTimeout: 300_000,
  },
});
