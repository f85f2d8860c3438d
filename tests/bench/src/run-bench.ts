import { writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { conditionLines, describeConditions } from './conditions.ts';
import type { Conditions } from './conditions.ts';
import { judgeIdle, judgeLoad, judgeOverload } from './judge.ts';
import { runOpenLoop } from './open-loop.ts';
import type { BenchOptions, WorkloadName } from './options.ts';
import { measureTwoHops } from './measure-two-hops.ts';
import { pinCores, UNPINNED } from './pin-cores.ts';
import type { Pinning } from './pin-cores.ts';
import { connectPopulation } from './population.ts';
import type { Population } from './population.ts';
import { hopLines, idleLines, loadTable, processLines, verdictLines } from './report.ts';
import type { Finding } from './report.ts';
import { runIdle } from './run-idle.ts';
import { searchRate } from './search-rate.ts';
import { openTarget } from './open-target.ts';
import type { Target } from './target.ts';
import { HopTrace } from './log/trace-hops.ts';
import { warmUp } from './warm-up.ts';
import type { WarmUp } from './warm-up.ts';
import { CLUSTER_HEALTHY_RATE_MIN, CLUSTER_WORKLOADS, MESSAGE_WORKLOADS } from './workloads.ts';
import type { MessageWorkload } from './workloads.ts';

/** Runs what was asked for and prints it; true when every bar was met. */
export async function runBench(options: BenchOptions, say: (line: string) => void): Promise<boolean> {
  const run: BenchRun = {
    options,
    say,
    pinning: pinningFor(options),
    loadAverage: loadavg()[0]!,
    conditions: null,
    findings: [],
  };
  if (options.url !== null) say('--url: CPU and memory of the server are left out, they cannot be seen from here.');
  const isWanted = (name: WorkloadName): boolean =>
    options.workload === null ? options.topology === 'embedded' || name === 'pairs' : options.workload === name;
  for (const name of ['pairs', 'groups', 'large'] as const) {
    if (isWanted(name)) await attempt(run, name, () => runMessages(run, name));
  }
  if (isWanted('idle')) await attempt(run, 'idle', () => runIdleWorkload(run));
  report(run);
  if (options.json !== null) {
    await writeFile(
      options.json,
      `${JSON.stringify({ conditions: run.conditions, findings: run.findings }, null, 2)}\n`,
    );
  }
  return run.findings.every(({ verdicts }) => verdicts.every((each) => passes(each.verdict, options)));
}

interface BenchRun {
  options: BenchOptions;
  say: (line: string) => void;
  pinning: Pinning;
  loadAverage: number;
  conditions: Conditions | null;
  findings: Finding[];
}

function pinningFor({ url, topology }: BenchOptions): Pinning {
  return url === null && topology === 'embedded' ? pinCores() : UNPINNED;
}

/** A workload that cannot be run is a finding like others: the rest is still measured and reported. */
async function attempt(run: BenchRun, title: string, workload: () => Promise<void>): Promise<void> {
  try {
    await workload();
  } catch (error) {
    const measured = error instanceof Error ? error.message : String(error);
    run.say(`${title}: ${measured}`);
    run.findings.push({ title, verdicts: [{ bar: 'runs to its end', measured, verdict: 'missed' }] });
  }
}

/** A figure that cannot be seen at a foreign server is not held against it. */
function passes(verdict: string, options: BenchOptions): boolean {
  return verdict === 'met' || (verdict === 'unknown' && options.url !== null);
}

async function runMessages(run: BenchRun, name: MessageWorkload['name']): Promise<void> {
  const { options } = run;
  const all = options.topology === 'cluster' ? CLUSTER_WORKLOADS : MESSAGE_WORKLOADS;
  const workloads = all.filter((workload) => workload.name === name);
  const target = await open(run);
  try {
    const [first] = workloads;
    run.say(`${first!.title}: connecting`);
    const prefix = `bench-${name}-${process.pid.toString(36)}${Date.now().toString(36)}`;
    const population = await connectPopulation(target, { prefix, ...first!.shape });
    try {
      const searchOnly = options.search;
      const chosen = options.rate === null ? workloads : workloads.slice(0, 1);
      for (const workload of searchOnly ? [] : chosen) await runFixedRate(run, target, population, workload);
      if (searchOnly) await warm(run, target, population, first!);
      if (name === 'pairs' && (searchOnly || options.workload === null)) await runSearch(run, target, population);
    } finally {
      population.close();
    }
  } finally {
    await target.close();
  }
}

/** What is measured on cold code is of no use. */
async function warm(run: BenchRun, target: Target, population: Population, workload: MessageWorkload): Promise<WarmUp> {
  const rate = run.options.rate ?? workload.rate;
  run.say(`${workload.title}: warming up at ${rate}/s`);
  const load = { rate, seed: run.options.seed, processes: target.processes };
  const warmed = await warmUp(population, load, workload.warmUpSeconds);
  const { seconds, compilerShare } = warmed;
  run.say(`warm after ${seconds} s; compilers of Java servers at ${(compilerShare * 100).toFixed(0)} % of a core`);
  return warmed;
}

async function runFixedRate(
  run: BenchRun,
  target: Target,
  population: Population,
  workload: MessageWorkload,
): Promise<void> {
  const { options } = run;
  const rate = options.rate ?? workload.rate;
  const seconds = options.seconds ?? workload.seconds;
  const title = `${workload.title} at ${rate}/s`;
  const warmed = await warm(run, target, population, workload);
  run.say(`${title}: ${SETTLE_SECONDS} s to settle, ${seconds} s measured`);
  const load = { rate, warmUpMs: SETTLE_SECONDS * 1000, measureMs: seconds * 1000, seed: options.seed };
  const trace = target.log === null ? null : new HopTrace();
  const result = await runOpenLoop(population, {
    ...load,
    drainMs: 10_000,
    processes: target.processes,
    ...(trace === null ? {} : { trace }),
    isDriverFirst: options.topology === 'cluster',
  });
  for (const kind of ['lost', 'duplicated', 'reordered'] as const) result[kind] += warmed[kind];
  const bars = rate === workload.rate ? workload.bars : {};
  const durations = { warmUpSeconds: warmed.seconds, measuredSeconds: seconds };
  const finding: Finding = { title, ...durations, load: result, verdicts: judgeLoad(result, bars) };
  run.findings.push(finding);
  if (target.log === null || trace === null) return;
  finding.hops = await trace.join(target.log);
  run.say(`the same through the bare log: ${TWO_HOP_WARM_UP_SECONDS} s warm-up, ${seconds} s measured`);
  finding.twoHops = await measureTwoHops(target.log, { ...load, warmUpMs: TWO_HOP_WARM_UP_SECONDS * 1000 });
}

/** What a pause between warm-up and run leaves behind. */
const SETTLE_SECONDS = 3;
/** The servers are warm by then. */
const TWO_HOP_WARM_UP_SECONDS = 10;

async function runSearch(run: BenchRun, target: Target, population: Population): Promise<void> {
  run.say('highest healthy rate of pairs:');
  const base = {
    drainMs: 10_000,
    seed: run.options.seed,
    processes: target.processes,
    overloadMs: (run.options.seconds ?? 8) * 1000,
    isDriverFirst: run.options.topology === 'cluster',
  };
  const search = await searchRate(population, base, run.say);
  const healthyRateMin = run.options.topology === 'cluster' ? CLUSTER_HEALTHY_RATE_MIN : 0;
  const title = search.healthyRate === 0 ? 'overload' : `overload, 2 × ${search.healthyRate}/s`;
  run.findings.push({ title, search, verdicts: judgeOverload(search, healthyRateMin) });
}

async function runIdleWorkload(run: BenchRun): Promise<void> {
  const target = await open(run);
  try {
    run.say(`${run.options.connections} idle connections: opening in steps`);
    const idle = await runIdle(target, run.options.connections);
    run.findings.push({ title: 'idle connections', idle, verdicts: judgeIdle(idle) });
  } finally {
    await target.close();
  }
}

async function open(run: BenchRun): Promise<Target> {
  const target = await openTarget(run.options, run.pinning);
  if (run.conditions === null) {
    run.conditions = await describeConditions(run.options, target, run);
    for (const line of ['conditions', ...conditionLines(run.conditions)]) run.say(line);
  }
  return target;
}

function report(run: BenchRun): void {
  run.say('');
  for (const line of loadTable(run.findings)) run.say(line);
  for (const finding of run.findings) {
    run.say('');
    for (const line of verdictLines(finding)) run.say(line);
    for (const line of [...processLines(finding), ...hopLines(finding)]) run.say(`  ${line}`);
    for (const line of finding.idle === undefined ? [] : idleLines(finding.idle)) run.say(`  ${line}`);
    if (finding.search?.overload) {
      const { p50Ms, p99Ms, maxMs } = finding.search.overload.refusal;
      run.say(
        `           time to refusal p50 ${p50Ms.toFixed(1)}, p99 ${p99Ms.toFixed(1)}, max ${maxMs.toFixed(1)} ms`,
      );
    }
  }
}
