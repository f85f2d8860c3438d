import { leaveOutWithoutServers } from '@garam/tests-stack/servers';
import { defineConfig } from 'vitest/config';

const isLeftOut = leaveOutWithoutServers('migrate: a folder into a cluster');

export default defineConfig({
  test: {
    name: 'migrate',
    root: import.meta.dirname,
    include: isLeftOut ? [] : ['src/**/*.test.ts'],
    passWithNoTests: isLeftOut,
    maxWorkers: 1,
    testTimeout: 120_000,
    hookTimeout: 560_000,
  },
});
