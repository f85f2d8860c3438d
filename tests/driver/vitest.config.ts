import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: import.meta.dirname,
  test: { name: 'driver', include: ['src/**/*.test.ts'] },
});
