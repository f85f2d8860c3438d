import { runSeed } from './run-seed.ts';
import { SABOTAGES } from './sabotages.ts';
const [, , which = '', max = '300'] = process.argv;
for (const s of SABOTAGES) {
  if (which && !s.name.includes(which)) continue;
  const t0 = performance.now();
  let caught = 0;
  const by: Record<string, number> = {};
  const at: number[] = [];
  let n = 0;
  for (let seed = 0; seed < +max && caught < 3; seed++) {
    n++;
    const r = await runSeed(seed, s.profile, { sabotage: s.parts });
    const hits = r.problems.filter((p) => !s.caughtBy || s.caughtBy.includes(p.invariant));
    if (hits.length) {
      caught++;
      at.push(seed);
      for (const i of new Set(hits.map((p) => p.invariant))) by[i] = (by[i] ?? 0) + 1;
    }
    await new Promise(setImmediate);
  }
  console.log(
    s.name.padEnd(40),
    `${caught} of ${n}`,
    at.join(','),
    JSON.stringify(by),
    ((performance.now() - t0) / n).toFixed(0) + ' ms/seed',
  );
}
