import type { Profile } from './profiles.ts';
import { runSeed, type SeedResult } from './run-seed.ts';
import type { NamedSabotage } from './sabotages.ts';
import { addStats, createStats, type Stats } from './stats.ts';
import type { Problem } from './world.ts';

interface FailedSeed {
  seed: number;
  problems: readonly Problem[];
}

interface SeedsResult {
  /** Runs that met a fault: only these count. */
  counted: number;
  failed: FailedSeed[];
  stats: Stats;
}

interface Range {
  from: number;
  seeds: number;
}

/** Runs the seeds of a range one after the other. */
export async function runSeeds(
  profile: Profile,
  { from, seeds }: Range,
  onSeed?: (result: SeedResult) => void,
): Promise<SeedsResult> {
  const total: SeedsResult = { counted: 0, failed: [], stats: createStats() };
  for (let seed = from; seed < from + seeds; seed++) {
    const result = await runSeed(seed, profile);
    onSeed?.(result);
    addStats(total.stats, result.stats);
    if (result.faults > 0) total.counted += 1;
    if (result.problems.length > 0) total.failed.push({ seed, problems: result.problems });
  }
  return total;
}

interface Caught {
  seed: number;
  problem: Problem;
  /** Seeds tried until then. */
  tried: number;
}

/** Looks for the first seed that catches the sabotage; undefined when none of the range does. */
export async function catchSabotage(sabotage: NamedSabotage, { from, seeds }: Range): Promise<Caught | undefined> {
  for (let seed = from; seed < from + seeds; seed++) {
    const { problems } = await runSeed(seed, sabotage.profile, { sabotage: sabotage.parts });
    const problem = problems.find(({ invariant }) => sabotage.caughtBy?.includes(invariant) ?? true);
    if (problem !== undefined) return { seed, problem, tried: seed - from + 1 };
  }
  return undefined;
}
