import { leaveOutWithoutServers } from '@garam/tests-stack/servers';
import { defineConfig } from 'vitest/config';

const isLeftOut = leaveOutWithoutServers('counting: what a message costs');

export default defineConfig({
  test: {
    name: 'counting',
    root: import.meta.dirname,
    include: ['src/**/*.test.ts'],
    exclude: isLeftOut ? ['src/message-costs.test.ts'] : [],
    passWithNoTests: isLeftOut,
    testTimeout: 240_000,
    hookTimeout: 420_000,
  },
});
