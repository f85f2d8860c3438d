import { setImmediate } from 'node:timers/promises';
import type { Profile } from './profiles.ts';
import { runSeed, type SeedResult } from './run-seed.ts';
import type { NamedSabotage } from './sabotages.ts';
import { addStats, createStats, type Stats } from './stats.ts';
import type { Problem } from './world.ts';

export interface SeedRange {
  from: number;
  seeds: number;
}

export interface Survey {
  /** What failed, and how to see it happen. */
  failed: string[];
  /** Seeds that met a fault: the others prove nothing. */
  counted: number;
  stats: Stats;
}

export interface Catch {
  seed: number;
  /** The first breach that counts. */
  problem: Problem;
  /** Seeds tried before this one. */
  tried: number;
}

/** Runs the seeds one after the other. */
export async function runSeeds(
  profile: Profile,
  { from, seeds }: SeedRange,
  onResult: (result: SeedResult) => void = () => undefined,
): Promise<Survey> {
  const survey: Survey = { failed: [], counted: 0, stats: createStats() };
  for (let seed = from; seed < from + seeds; seed++) {
    const result = await runSeed(seed, profile);
    addStats(survey.stats, result.stats);
    if (result.faults > 0) survey.counted += 1;
    if (result.problems.length > 0) survey.failed.push(describeFailure(result, profile));
    onResult(result);
    await setImmediate();
  }
  return survey;
}

/** The first seed of the range that shows that something was sabotaged; undefined: none does. */
export async function catchSabotage(sabotage: NamedSabotage, { from, seeds }: SeedRange): Promise<Catch | undefined> {
  for (let seed = from; seed < from + seeds; seed++) {
    const problem = caughtBy(sabotage, await runSeed(seed, sabotage.profile, { sabotage: sabotage.parts }));
    if (problem !== undefined) return { seed, problem, tried: seed - from };
    await setImmediate();
  }
  return undefined;
}

/** The first breach that counts as having caught the sabotage. */
function caughtBy(sabotage: NamedSabotage, { problems }: SeedResult): Problem | undefined {
  return problems.find(({ invariant }) => sabotage.caughtBy === undefined || sabotage.caughtBy.includes(invariant));
}

function describeFailure({ seed, problems }: SeedResult, { name }: Profile): string {
  const what = problems.slice(0, 3).map(({ invariant, text }) => `${invariant} ${text}`);
  return `seed ${seed}: ${what.join(' · ')} (replay: npm run sim -- --seed ${seed} --profile '${name}')`;
}
