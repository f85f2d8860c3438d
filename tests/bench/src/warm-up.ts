import { readThreadsCpuUs } from '@garam/tests-driver/process-usage';
import type { ServerProcess } from '@garam/tests-driver/process-usage';
import { runOpenLoop } from './open-loop.ts';
import type { LoadOptions } from './open-loop.ts';
import type { Population } from './population.ts';

export interface WarmUp {
  seconds: number;
  /** Share of a core that the compilers of Java servers took in the last slice. */
  compilerShare: number;
  /** What must not go wrong on cold code either. */
  lost: number;
  duplicated: number;
  reordered: number;
}

const SLICE_SECONDS = 10;
const SECONDS_MAX = 180;
/** As Linux shortens the names of the threads. */
const COMPILER = /^C[12] CompilerThre/;
const COMPILER_SHARE_MAX = 0.1;

/**
 * Offers load until code compiled on use is compiled: at least `secondsMin`, and while the compilers of Java servers are
 * busy. They take a core for a minute, and what is measured beside them is them.
 */
export async function warmUp(
  population: Population,
  load: Pick<LoadOptions, 'rate' | 'seed' | 'processes'>,
  secondsMin: number,
): Promise<WarmUp> {
  const wrong = { lost: 0, duplicated: 0, reordered: 0 };
  for (let seconds = 0; ;) {
    const before = compilersUs(load.processes);
    const left = secondsMin - seconds;
    const slice = left > 0 ? Math.min(SLICE_SECONDS, left) : SLICE_SECONDS;
    const times = { warmUpMs: 0, measureMs: slice * 1000, drainMs: 10_000 };
    const result = await runOpenLoop(population, { ...load, ...times, seed: load.seed + seconds });
    for (const kind of ['lost', 'duplicated', 'reordered'] as const) wrong[kind] += result[kind];
    seconds += slice;
    const compilerShare = Math.max(0, compilersUs(load.processes) - before) / 1e6 / slice;
    const isWarm = compilerShare <= COMPILER_SHARE_MAX || seconds >= SECONDS_MAX;
    if (seconds >= secondsMin && isWarm) return { seconds, compilerShare, ...wrong };
  }
}

function compilersUs(processes: readonly ServerProcess[]): number {
  return processes.reduce((sum, { pid }) => sum + readThreadsCpuUs(pid, COMPILER), 0);
}
