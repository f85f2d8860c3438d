import { createRandom } from '@garam/tests-driver/random';
import { expect, test } from 'vitest';
import { violationLines } from '../report.ts';
import { TWO_OF_EACH } from './cluster-world.ts';
import { planFewFaults } from './fault-plan.ts';
import { runClusterCrash } from './run-cluster-crash.ts';

const SEED = 1;

test('a cluster whose processes are killed and paused loses, doubles and reorders nothing that was acknowledged', async () => {
  const faults = planFewFaults(createRandom(SEED), TWO_OF_EACH);
  const load = { clients: 20, ratePerSecond: 40, seed: SEED, counts: TWO_OF_EACH };
  const run = { ...load, faults, required: faults.length, budgetMs: Infinity, say: () => {} };
  const { violations } = await runClusterCrash(run);
  expect(violationLines(violations)).toEqual([]);
});
