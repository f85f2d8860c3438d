import { describe, expect, test } from 'vitest';
import { PROFILES, allFaults } from './profiles.ts';
import { catchSabotage, runSeeds } from './run-seeds.ts';
import { SABOTAGES } from './sabotages.ts';

const ALL_FAULTS_SEEDS = 400;
/** Of every other profile: the sabotages' own, run without their sabotage. */
const OTHER_SEEDS = 40;
/** A sabotage must show within so many seeds from its start. */
const SABOTAGE_SEEDS_MAX = 600;

const others = new Map(
  [...Object.values(PROFILES), ...SABOTAGES.map(({ profile }) => profile)]
    .filter(({ name }) => name !== allFaults.name)
    .map((profile) => [profile.name, profile]),
);

describe('every invariant holds', () => {
  test(`under all faults, ${ALL_FAULTS_SEEDS} seeds`, { timeout: 400_000 }, async () => {
    const { failed, counted, stats } = await runSeeds(allFaults, { from: 0, seeds: ALL_FAULTS_SEEDS });
    expect(failed, "replay one: npm run sim -- --seed N --profile 'all faults'").toEqual([]);
    expect(counted).toBeGreaterThan(ALL_FAULTS_SEEDS / 2);
    // Runs that met none of these would prove little.
    expect(stats.duplicatesAnswered).toBeGreaterThan(0);
    expect(stats.zombieAppends).toBeGreaterThan(0);
  });

  test.each([...others])(`under %s, ${OTHER_SEEDS} seeds`, { timeout: 200_000 }, async (name, profile) => {
    const { failed } = await runSeeds(profile, { from: 0, seeds: OTHER_SEEDS });
    expect(failed, `replay one: npm run sim -- --seed N --profile '${name}'`).toEqual([]);
  });
});

describe('a rule left out is noticed', () => {
  test.each(SABOTAGES.map((sabotage) => [sabotage.name, sabotage] as const))(
    '%s',
    { timeout: 400_000 },
    async (_name, sabotage) => {
      const caught = await catchSabotage(sabotage, { from: sabotage.startSeed, seeds: SABOTAGE_SEEDS_MAX });
      expect(caught).toBeDefined();
    },
  );
});
