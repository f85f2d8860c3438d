import { runSeed } from './run-seed.ts';
import { SABOTAGES } from './sabotages.ts';
import { PROFILES } from './profiles.ts';
const [, , max = '150', from = '0', which = ''] = process.argv;
const all = new Map([...Object.values(PROFILES), ...SABOTAGES.map((s) => s.profile)].map((p) => [p.name, p]));
for (const p of all.values()) {
  if (which && p.name !== which) continue;
  const t0 = performance.now();
  let failed = 0;
  for (let seed = +from; seed < +from + +max; seed++) {
    const r = await runSeed(seed, p);
    if (r.problems.length) {
      failed++;
      console.log(
        p.name,
        seed,
        r.problems.slice(0, 2).map((x) => `${x.invariant} ${x.text.slice(0, 250)}`),
      );
    }
    await new Promise(setImmediate);
  }
  console.log('==', p.name, failed, 'of', max, ((performance.now() - t0) / +max).toFixed(0), 'ms/seed');
}
