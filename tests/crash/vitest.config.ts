import { leaveOutWithoutServers } from '@garam/tests-stack/servers';
import { defineConfig } from 'vitest/config';

/** GARAM_TOPOLOGY=cluster runs the short version of the cluster's crash test instead. */
const isCluster = process.env['GARAM_TOPOLOGY'] === 'cluster';
const isLeftOut = isCluster && leaveOutWithoutServers('crash, cluster');
const include = isCluster ? ['src/**/*.cluster.test.ts'] : ['src/**/*.test.ts'];

export default defineConfig({
  root: import.meta.dirname,
  test: {
    name: isCluster ? 'crash-cluster' : 'crash',
    include: isLeftOut ? [] : include,
    exclude: isCluster ? [] : ['**/node_modules/**', '**/*.cluster.test.ts'],
    passWithNoTests: isLeftOut,
    ...(isCluster ? { testTimeout: 600_000 } : {}),
  },
});
