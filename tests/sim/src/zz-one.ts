import { runSeed } from './run-seed.ts';
import { SABOTAGES } from './sabotages.ts';
import { PROFILES } from './profiles.ts';
const [, , name, seed, sab = ''] = process.argv;
const all = new Map([...Object.values(PROFILES), ...SABOTAGES.map((s) => s.profile)].map((p) => [p.name, p]));
const s = SABOTAGES.find((x) => x.name === sab);
const r = await runSeed(+seed!, s?.profile ?? all.get(name!)!, {
  sabotage: s?.parts ?? {},
  onTrace: (l) => console.log(l),
});
console.log(r.problems);
