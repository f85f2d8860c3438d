import { parseArgs } from 'node:util';
import { PROFILES, type Profile } from './profiles.ts';
import { runSeed } from './run-seed.ts';
import { catchSabotage, runSeeds } from './run-seeds.ts';
import { SABOTAGES } from './sabotages.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '0' },
    profile: { type: 'string', default: 'all faults' },
    seed: { type: 'string' },
    sabotage: { type: 'string' },
    'all-sabotages': { type: 'boolean', default: false },
  },
});
const range = { from: Number(values.from), seeds: Number(values.seeds) };
const profiles = new Map(
  [...Object.values(PROFILES), ...SABOTAGES.map(({ profile }) => profile)].map((profile) => [profile.name, profile]),
);

if (values.seed !== undefined) await replay(Number(values.seed));
else if (values['all-sabotages']) await sabotageAll();
else if (values.sabotage !== undefined) await sabotageOne(values.sabotage);
else await runAll();

/** One seed, with everything that happens. */
async function replay(seed: number): Promise<void> {
  const sabotage = SABOTAGES.find(({ name }) => name === values.sabotage);
  const profile = sabotage?.profile ?? profileNamed(values.profile);
  const onTrace = (line: string) => console.log(line);
  const { problems } = await runSeed(seed, profile, { sabotage: sabotage?.parts ?? {}, onTrace });
  for (const { invariant, text } of problems) console.log(`BREACH ${invariant} ${text}`);
  console.log(problems.length === 0 ? 'every invariant holds' : `${problems.length} breaches`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}

async function runAll(): Promise<void> {
  const started = performance.now();
  const { failed, counted, stats } = await runSeeds(profileNamed(values.profile), range, ({ seed, problems }) => {
    for (const { invariant, text } of problems.slice(0, 3)) console.log(`seed ${seed}: ${invariant} ${text}`);
    if (problems.length > 0) console.log(`  replay: npm run sim -- --seed ${seed} --profile '${values.profile}'`);
  });
  const seconds = (performance.now() - started) / 1000;
  console.log(`${failed.length} of ${range.seeds} seeds failed; ${counted} met faults; ${seconds.toFixed(0)} s`);
  console.log(JSON.stringify(stats, null, 2));
  process.exitCode = failed.length === 0 && counted > 0 ? 0 : 1;
}

async function sabotageAll(): Promise<void> {
  for (const { name } of SABOTAGES) await sabotageOne(name);
}

async function sabotageOne(wanted: string): Promise<void> {
  const sabotage = SABOTAGES.find(({ name }) => name === wanted);
  if (sabotage === undefined)
    throw new Error(`no sabotage "${wanted}"; there are: ${SABOTAGES.map(({ name }) => name).join(', ')}`);
  const caught = await catchSabotage(sabotage, range);
  if (caught === undefined) {
    console.log(`NOT CAUGHT ${wanted} in ${range.seeds} seeds`);
    process.exitCode = 1;
  } else {
    const { seed, problem, tried } = caught;
    const text = `${problem.invariant}: ${problem.text.slice(0, 100)}`;
    console.log(`caught     ${wanted.padEnd(40)} seed ${seed} (after ${tried}) ${text}`);
  }
}

function profileNamed(name: string): Profile {
  const profile = profiles.get(name);
  if (profile === undefined) throw new Error(`no profile "${name}"; there are: ${[...profiles.keys()].join(', ')}`);
  return profile;
}
