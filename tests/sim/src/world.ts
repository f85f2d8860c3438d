import { createRandom, type Random } from '@garam/tests-driver/random';
import type { Logger } from '@garam/telemetry/logger';
import type { Profile } from './profiles.ts';
import { Scheduler } from './scheduler.ts';
import { createStats, type Stats } from './stats.ts';

/** What everything in one run shares: time, chance, the faults in force, and what is counted. */
export interface World {
  readonly seed: number;
  readonly profile: Profile;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly stats: Stats;
  /** Nobody is doing anything for a while: periodic work may be late. */
  isQuiet: boolean;
  /** Faults happen until everything heals. */
  isHealed: boolean;
  /** Requests still on their way to a server, however late: nothing is over before they have arrived. */
  inTransit: number;
  /** Runs the task when a request arrives that was delayed by a fault. */
  arriveLate(delayMs: number, task: () => void): void;
  /** Whether this fault, of the given probability, happens now; counted when it does. */
  fault(kind: string, probability: number): boolean;
  /** Latency of one call, ms: usually the mean, at times much more. */
  latencyMs(meanMs: number): number;
  trace(text: () => string): void;
  /** Problems found while running. */
  readonly problems: Problem[];
  problem(invariant: Invariant, text: string): void;
  readonly logger: Logger;
}

export type Invariant = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I10' | 'I11' | 'FIFO' | 'latency' | 'fold';

export interface Problem {
  invariant: Invariant;
  text: string;
}

export interface WorldOptions {
  /** Told everything that happens. */
  onTrace?: (line: string) => void;
}

export function createWorld(seed: number, profile: Profile, { onTrace }: WorldOptions = {}): World {
  const scheduler = new Scheduler();
  const random = createRandom(seed * 2_654_435_761 + 1);
  const stats = createStats();
  const trace = (text: () => string): void => {
    if (onTrace !== undefined) onTrace(`${(scheduler.nowMs / 1_000).toFixed(3).padStart(9)} ${text()}`);
  };
  const world: World = {
    seed,
    profile,
    scheduler,
    random,
    stats,
    trace,
    problems: [],
    isQuiet: false,
    isHealed: false,
    inTransit: 0,
    arriveLate(delayMs, task) {
      world.inTransit += 1;
      scheduler.schedule(delayMs, () => {
        world.inTransit -= 1;
        task();
      });
    },
    logger: createTraceLogger(trace),
    fault(kind, probability) {
      if (world.isHealed || probability === 0 || !random.chance(probability)) return false;
      stats.faults[kind] = (stats.faults[kind] ?? 0) + 1;
      trace(() => `FAULT ${kind}`);
      return true;
    },
    latencyMs(meanMs) {
      const ms = meanMs * (0.3 + random.exponential(0.7));
      return !world.isHealed && random.chance(profile.slow) ? ms * random.between(5, 60) : ms;
    },
    problem(invariant, text) {
      trace(() => `PROBLEM ${invariant} ${text}`);
      world.problems.push({
        invariant,
        text,
      });
    },
  };
  return world;
}

/** A logger that writes into the trace. Only the part of pino's interface that services use. */
function createTraceLogger(trace: World['trace']): Logger {
  const write = (level: string) => (fields: unknown, text?: string) =>
    trace(() => `${level} ${text ?? ''} ${describe(fields)}`);
  const logger = {
    fatal: write('fatal'),
    error: write('error'),
    warn: write('warn'),
    info: write('info'),
    debug: write('debug'),
    trace: write('trace'),
    child: () => logger,
  };
  return logger as unknown as Logger;
}

function describe(fields: unknown): string {
  if (typeof fields !== 'object' || fields === null) return String(fields);
  return Object.entries(fields)
    .map(([key, value]) => `${key}=${value instanceof Error ? (value.stack ?? value.message) : JSON.stringify(value)}`)
    .join(' ');
}
