import { runSeed } from './run-seed.ts';
import { SABOTAGES } from './sabotages.ts';
const s = SABOTAGES.find((x) => x.name === 'refusals forgotten')!;
for (let seed = 0; seed < 40; seed++) {
  const lines: string[] = [];
  const r = await runSeed(seed, s.profile, { sabotage: s.parts, onTrace: (l) => lines.push(l) });
  const seen = new Map<string, number>(); let dup = 0;
  for (const l of lines) { const m = /commands.v1 @\d+ message.send (\S+)/.exec(l); if (m) { const n = (seen.get(m[1]!) ?? 0) + 1; seen.set(m[1]!, n); if (n === 2) dup++; } }
  const adds = lines.filter((l) => /events.v1 @\d+ member.added/.test(l)).length, rem = lines.filter((l) => /events.v1 @\d+ member.removed/.test(l)).length;
  console.log(seed, 'sends', seen.size, 'dup', dup, 'failed', lines.filter((l) => / failed seq/.test(l)).length, 'adds', adds, 'rems', rem, [...new Set(r.problems.map((p) => p.invariant))].join());
}
