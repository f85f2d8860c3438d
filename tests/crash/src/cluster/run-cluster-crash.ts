import { checkDoubt } from '../check-doubt.ts';
import type { MemberEvidence, Violation } from '../evidence.ts';
import type { Tally } from '../tally.ts';
import { checkWorld } from './check-world.ts';
import type { FinalState } from './check-world.ts';
import { openWorld } from './cluster-world.ts';
import type { ClusterWorld, WorldOptions } from './cluster-world.ts';
import { DeliveryWatch } from './delivery-watch.ts';
import { faultLoop } from './fault-loop.ts';
import type { FaultLoopOptions, FaultMet } from './fault-loop.ts';
import { describeFault } from './fault-plan.ts';
import { openKafkaReader } from './kafka-reader.ts';
import { keepLogs } from './keep-logs.ts';
import { measureFault } from './measure-fault.ts';
import type { FaultMeasure } from './measure-fault.ts';

export interface ClusterCrashOptions extends WorldOptions, FaultLoopOptions {
  /** So many of the faults must have happened. */
  required: number;
}

export interface ClusterCrashResult {
  faults: (FaultMet & FaultMeasure)[];
  tally: Tally;
  final: Omit<FinalState, 'violations' | 'evidence'>;
  violations: Violation[];
  evidence: MemberEvidence[];
  loadMs: number;
}

/** A cluster under load meets the faults; then everything anybody sees is held against what was acknowledged. */
export async function runClusterCrash(options: ClusterCrashOptions): Promise<ClusterCrashResult> {
  const world = await openWorld(options);
  try {
    const result = await crashAndCheck(world, options);
    if (result.violations.length > 0) options.say(`  logs of all processes: ${await keepLogs(world.dataFolder)}`);
    return result;
  } finally {
    await world.close();
  }
}

async function crashAndCheck(world: ClusterWorld, options: ClusterCrashOptions): Promise<ClusterCrashResult> {
  const { tally, clients, cluster } = world;
  const reader = await openKafkaReader(cluster);
  const watch = new DeliveryWatch(tally, clients);
  watch.start();
  const startedAt = performance.now();
  try {
    options.say(`  cluster under load, logs in ${world.dataFolder}`);
    const met = await faultLoop({ world, watch, reader }, options);
    const loadMs = performance.now() - startedAt;
    options.say('  no more faults; waiting for quiet, then comparing');
    const { violations, evidence, ...final } = await checkWorld(world, reader);
    const faults = met.map((one) => Object.assign(one, measureFault(one.fault, one.times, tally.sends)));
    const doubts = [...checkDoubt(tally), ...provesTooLittle(faults, options.required)];
    return { faults, tally, final, violations: [...violations, ...doubts], evidence, loadMs };
  } finally {
    watch.stop();
    await reader.close();
  }
}

/** A fault that met hardly anything under way shows nothing. */
const IN_FLIGHT_MIN = 100;

function provesTooLittle(faults: readonly (FaultMet & FaultMeasure)[], required: number): Violation[] {
  const rule = 'run proves too little';
  const idle = faults.filter(({ inFlight }) => inFlight < IN_FLIGHT_MIN);
  const violations = idle.map(({ fault, inFlight }) => ({
    rule,
    detail: `${describeFault(fault)} met only ${inFlight} sends under way`,
  }));
  if (faults.length >= required) return violations;
  return [...violations, { rule, detail: `${faults.length} of ${required} faults happened` }];
}
