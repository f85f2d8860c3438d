/** One part of `npm test`: a vitest configuration and what it is told. */
export interface Suite {
  name: string;
  config: string;
  environment?: Record<string, string>;
}

/** In this order: what is quick and tells most comes first, what starts servers last. */
export const SUITES: readonly Suite[] = [
  { name: 'unit', config: 'vitest.config.ts' },
  { name: 'simulation', config: 'tests/sim/vitest.config.ts' },
  { name: 'over the wire', config: 'tests/e2e/vitest.config.ts' },
  { name: 'driver', config: 'tests/driver/vitest.config.ts' },
  { name: 'crash', config: 'tests/crash/vitest.config.ts' },
  { name: 'bench', config: 'tests/bench/vitest.config.ts' },
  { name: 'browser', config: 'tests/browser/vitest.config.ts' },
  { name: 'on real servers', config: 'tests/stack/vitest.config.ts' },
  {
    name: 'over the wire, cluster',
    config: 'tests/e2e/vitest.config.ts',
    environment: { GARAM_TOPOLOGY: 'cluster' },
  },
  { name: 'cluster', config: 'tests/cluster/vitest.config.ts' },
  { name: 'counting', config: 'tests/counting/vitest.config.ts' },
  { name: 'migrate', config: 'tests/migrate/vitest.config.ts' },
];
