import { defineConfig } from 'vitest/config';

/** The image and the compose file with a real Docker; run by `npm run test:containers`, no part of `npm test`. */
export default defineConfig({
  test: {
    name: 'containers',
    root: import.meta.dirname,
    include: ['src/**/*.test.ts'],
    globalSetup: ['src/global-setup.ts'],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 900_000,
  },
});
