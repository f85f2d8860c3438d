import { writeFile } from 'node:fs/promises';
import { conditionLines, describeConditions } from './conditions.ts';
import type { Conditions } from './conditions.ts';
import { judgeIdle, judgeLoad, judgeOverload } from './judge.ts';
import { runOpenLoop } from './open-loop.ts';
import type { BenchOptions } from './options.ts';
import { pinCores, UNPINNED } from './pin-cores.ts';
import type { Pinning } from './pin-cores.ts';
import { connectPopulation } from './population.ts';
import type { Population } from './population.ts';
import { idleLines, loadTable, verdictLines } from './report.ts';
import type { Finding } from './report.ts';
import { runIdle } from './run-idle.ts';
import { searchRate } from './search-rate.ts';
import { openTarget } from './target.ts';
import type { Target } from './target.ts';
import { MESSAGE_WORKLOADS } from './workloads.ts';
import type { MessageWorkload } from './workloads.ts';

/** Runs what was asked for and prints it; true when every bar was met. */
export async function runBench(options: BenchOptions, say: (line: string) => void): Promise<boolean> {
  const run: BenchRun = {
    options,
    say,
    pinning: options.url === null ? pinCores() : UNPINNED,
    conditions: null,
    findings: [],
  };
  if (options.url !== null) say('--url: CPU and memory of the server are left out, they cannot be seen from here.');
  for (const name of ['pairs', 'groups', 'large'] as const) {
    if (options.workload === null || options.workload === name) await attempt(run, name, () => runMessages(run, name));
  }
  if (options.workload === null || options.workload === 'idle') await attempt(run, 'idle', () => runIdleWorkload(run));
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
  conditions: Conditions | null;
  findings: Finding[];
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
  const workloads = MESSAGE_WORKLOADS.filter((workload) => workload.name === name);
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
      if (name === 'pairs' && (searchOnly || options.workload === null)) await runSearch(run, target, population);
    } finally {
      population.close();
    }
  } finally {
    await target.close();
  }
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
  run.say(`${title}: ${workload.warmUpSeconds} s warm-up, ${seconds} s measured`);
  const load = await runOpenLoop(population, {
    rate,
    warmUpMs: workload.warmUpSeconds * 1000,
    measureMs: seconds * 1000,
    drainMs: 10_000,
    seed: options.seed,
    processes: target.processes,
  });
  const bars = rate === workload.rate ? workload.bars : {};
  const durations = { warmUpSeconds: workload.warmUpSeconds, measuredSeconds: seconds };
  run.findings.push({ title, ...durations, load, verdicts: judgeLoad(load, bars) });
}

async function runSearch(run: BenchRun, target: Target, population: Population): Promise<void> {
  run.say('highest healthy rate of pairs:');
  const base = {
    drainMs: 10_000,
    seed: run.options.seed,
    processes: target.processes,
    overloadMs: (run.options.seconds ?? 8) * 1000,
  };
  const search = await searchRate(population, base, run.say);
  const title = search.healthyRate === 0 ? 'overload' : `overload, 2 × ${search.healthyRate}/s`;
  run.findings.push({ title, search, verdicts: judgeOverload(search) });
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
    run.conditions = await describeConditions(run.options, target, run.pinning);
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
    for (const line of finding.idle === undefined ? [] : idleLines(finding.idle)) run.say(`  ${line}`);
    if (finding.search?.overload) {
      const { p50Ms, p99Ms, maxMs } = finding.search.overload.refusal;
      run.say(
        `           time to refusal p50 ${p50Ms.toFixed(1)}, p99 ${p99Ms.toFixed(1)}, max ${maxMs.toFixed(1)} ms`,
      );
    }
  }
}
