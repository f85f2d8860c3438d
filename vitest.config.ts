import { defineConfig } from 'vitest/config';

/** Unit tests beside the sources. Other suites have a config of their own under tests/. */
export default defineConfig({
  test: {
    name: 'unit',
    include: [
      'packages/*/src/**/*.test.ts',
      'services/*/src/**/*.test.ts',
      'apps/*/src/**/*.test.ts',
      'tests/layers/src/**/*.test.ts',
    ],
    // These need real servers, which tests/stack runs, or uWebSockets.js: `npm run test:uws`.
    exclude: ['**/node_modules/**', '**/*.{kafka,cassandra,redis,uws}.test.ts'],
    testTimeout: 20_000,
  },
});
