import { pause } from '@garam/tests-driver/deadline';
import type { Violation } from '../evidence.ts';
import type { Tally } from '../tally.ts';
import { awaitRecovery } from './await-recovery.ts';
import type { Recovering, Recovery } from './await-recovery.ts';
import { endedAlone } from './check-world.ts';
import type { ClusterWorld } from './cluster-world.ts';
import { describeFault } from './fault-plan.ts';
import type { Fault } from './fault-plan.ts';
import { inflictFault } from './inflict-fault.ts';

/** A fault that has happened. */
export interface FaultMet extends Omit<Recovery, 'recoveredAt'> {
  fault: Fault;
  times: { beganAt: number; endedAt: number; recoveredAt: number };
  /** Longest time an acknowledged message was missing on some member's screen, ms. */
  longestUnseenMs: number;
  unknownOutcomes: number;
  temporaryRefusals: number;
  retries: number;
  duplicates: number;
}

export interface FaultLoopOptions {
  faults: readonly Fault[];
  /** No fault begins later than this after the first, ms. */
  budgetMs: number;
  say(line: string): void;
}

/** One fault after the other, each with some calm before; a fault from which the cluster does not recover is the last. */
export async function faultLoop(run: Recovering, options: FaultLoopOptions): Promise<FaultMet[]> {
  const { world } = run;
  const met: FaultMet[] = [];
  const lastBeginAt = performance.now() + options.budgetMs;
  for (const [index, fault] of options.faults.entries()) {
    await pause(world.random.between(CALM_MS.from, CALM_MS.to));
    if (performance.now() > lastBeginAt) break;
    try {
      const one = await meetFault(run, fault);
      met.push(one);
      options.say(`  ${index + 1}/${options.faults.length} ${faultLine(one)}`);
    } catch (error) {
      const detail = `${describeFault(fault)}: ${(error as Error).message}`;
      options.say(`  ${detail}`);
      violate(world, { rule: 'does not recover', detail });
      break;
    }
    for (const violation of endedAlone(world)) {
      violate(world, violation);
      await world.cluster.restart(violation.detail);
    }
  }
  return met;
}

const CALM_MS = { from: 1_000, to: 4_000 };

async function meetFault(run: Recovering, fault: Fault): Promise<FaultMet> {
  const { world, watch } = run;
  const before = countsOf(world.tally);
  watch.takeLongestMs();
  const beganAt = performance.now();
  await inflictFault(world.cluster, fault);
  const endedAt = performance.now();
  const { recoveredAt, ...recovery } = await awaitRecovery(run, endedAt);
  const after = countsOf(world.tally);
  return {
    fault,
    times: { beganAt, endedAt, recoveredAt },
    ...recovery,
    longestUnseenMs: watch.takeLongestMs(),
    unknownOutcomes: after.unknownOutcomes - before.unknownOutcomes,
    temporaryRefusals: after.temporaryRefusals - before.temporaryRefusals,
    retries: after.retries - before.retries,
    duplicates: after.duplicates - before.duplicates,
  };
}

function countsOf(tally: Tally) {
  const { unknownOutcomes, temporaryRefusals, retries, duplicatesAfterUnknown, duplicatesPretended } = tally;
  return { unknownOutcomes, temporaryRefusals, retries, duplicates: duplicatesAfterUnknown + duplicatesPretended };
}

function violate({ tally }: Pick<ClusterWorld, 'tally'>, violation: Violation): void {
  tally.violations.push(violation);
}

function faultLine({ fault, peopleMs, consumersMs, longestUnseenMs, unknownOutcomes }: FaultMet): string {
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
  return `${describeFault(fault)}: served again after ${seconds(peopleMs)}, consumers caught up after ${seconds(consumersMs)}, longest unseen ${seconds(longestUnseenMs)}, ${unknownOutcomes} unknown outcomes`;
}
