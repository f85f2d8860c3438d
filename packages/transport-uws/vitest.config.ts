import { defineConfig } from 'vitest/config';

/** What needs uWebSockets.js itself; run by `npm run test:uws`. */
export default defineConfig({
  test: {
    name: 'transport-uws',
    root: import.meta.dirname,
    include: ['src/**/*.uws.test.ts'],
    // One process: the library belongs to the thread that loaded it.
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 30_000,
  },
});
