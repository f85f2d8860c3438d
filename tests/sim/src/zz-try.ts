import { runSeed } from '@garam/tests-sim/run-seed';
import { PROFILES } from '@garam/tests-sim/profiles';
const [, , profile = 'allFaults', from = '0', count = '10', verbose = ''] = process.argv;
const t0 = performance.now();
let failed = 0;
for (let seed = +from; seed < +from + +count; seed++) {
  const r = await runSeed(seed, PROFILES[profile]!, verbose ? { onTrace: (l) => console.log(l) } : {});
  if (r.problems.length || +count < 5) {
    failed++;
    console.log(
      seed,
      r.problems.length,
      r.problems.slice(0, 3).map((p) => `${p.invariant} ${p.text.slice(0, 300)}`),
      'faults',
      r.faults,
      'ms',
      r.lastedMs | 0,
      'steps',
      r.steps,
      JSON.stringify({ ...r.stats, faults: undefined }),
    );
  }
  await new Promise(setImmediate);
}
console.log('failed', failed, 'of', count, ((performance.now() - t0) / +count).toFixed(1), 'ms/seed');
