import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '@garam/tests-driver/random';
import { violationLines } from '../report.ts';
import { clusterReport } from './cluster-report.ts';
import { TWO_OF_EACH } from './cluster-world.ts';
import { planFaults } from './fault-plan.ts';
import { runClusterCrash } from './run-cluster-crash.ts';

export interface ClusterRunOptions {
  clients: number;
  ratePerSecond: number;
  seed: number;
  /** Faults beyond those that every run must meet. */
  extra: number;
  /** Folder for `crash-cluster.md`; null: no report is kept. */
  reportFolder: string | null;
  say(line: string): void;
}

/** With the cluster's start and the comparison a run stays below 20 minutes. */
const FAULTS_MS_MAX = 13 * 60_000;

/** The named command: plans, runs, prints and writes the report. True: passed. */
export async function runClusterCommand(options: ClusterRunOptions): Promise<boolean> {
  const { clients, ratePerSecond, seed, extra, say } = options;
  const counts = TWO_OF_EACH;
  const required = planFaults(createRandom(seed), counts, 0).length;
  const faults = planFaults(createRandom(seed), counts, extra);
  say(`crash test of a cluster: ${faults.length} faults, ${clients} clients, ${ratePerSecond}/s, seed ${seed}`);
  const run = { clients, ratePerSecond, seed, counts, faults, required, budgetMs: FAULTS_MS_MAX, say };
  const result = await runClusterCrash(run);
  const report = clusterReport(run, machine(), result);
  say(report);
  if (options.reportFolder !== null) {
    await mkdir(options.reportFolder, { recursive: true });
    await writeFile(join(options.reportFolder, 'crash-cluster.md'), report);
  }
  const passed = result.violations.length === 0;
  if (!passed) {
    const file = join(tmpdir(), `garam-crash-cluster-${process.pid}.json`);
    await writeFile(file, JSON.stringify({ seed, ...result }, null, 1));
    for (const line of violationLines(result.violations)) say(line);
    say(`evidence: ${file}`);
  }
  say(passed ? 'verdict: PASSED' : 'verdict: FAILED');
  return passed;
}

function machine(): string {
  return `${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
}
