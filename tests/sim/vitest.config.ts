import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: import.meta.dirname,
  test: { name: 'simulation', include: ['src/**/*.test.ts'], testTimeout: 120_000 },
});
