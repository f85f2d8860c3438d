import type { ServiceName } from '@garam/cluster/cluster-options';
import type { Random } from '@garam/tests-driver/random';

/** Something that goes wrong for a while. */
export interface Fault {
  /**
   * `kill`: SIGKILL, started again later. `pause`: SIGSTOP, SIGCONT later. `restart`: a server ends (SIGTERM or SIGKILL)
   * and starts again later. `flush`: Redis forgets everything.
   */
  kind: 'kill' | 'pause' | 'restart' | 'flush';
  /** `gateway-1`, `kafka-0` */
  process: string;
  signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | null;
  /** From the signal until it is taken back, ms. */
  forMs: number;
}

export const VICTIMS = [
  'gateway',
  'sequencer',
  'persister',
  'fanout',
  'receipts',
] as const satisfies readonly ServiceName[];
const SERVERS = ['kafka-0', 'cassandra-0', 'redis-0'];

/** Longer than the session of a consumer group, so that a paused owner wakes up as a former one. */
const PAUSE_MS = { from: 8_000, to: 10_000 };
/** From a quick restart that keeps the session to one that outlives it. */
const DOWN_MS = { from: 1_000, to: 9_000 };
const SERVER_DOWN_MS = { from: 2_000, to: 8_000 };

/**
 * The faults of a run, from its seed alone: every one that must be met once, then `extra` more, in random order. A
 * longer plan begins with the faults of a shorter one of the same seed.
 */
export function planFaults(random: Random, counts: Record<ServiceName, number>, extra: number): Fault[] {
  const required = shuffled(
    [
      ...VICTIMS.flatMap((service) => [kill(service, counts, random), pause(service, counts, random)]),
      ...SERVERS.map((server) => restart(server, random)),
      flush(),
    ],
    random,
  );
  return [...required, ...Array.from({ length: extra }, () => anyFault(counts, random))];
}

/** A plan for a short run: a consumer is paused, one killed, a gateway dies, Redis is restarted. */
export function planFewFaults(random: Random, counts: Record<ServiceName, number>): Fault[] {
  return [
    pause('sequencer', counts, random),
    kill('gateway', counts, random),
    restart('redis-0', random),
    kill('persister', counts, random),
  ];
}

/** As a person reads it. */
export function describeFault({ kind, process, signal, forMs }: Fault): string {
  if (kind === 'flush') return `${process} flushed`;
  return `${process} ${kind === 'pause' ? 'paused' : `ended by ${signal}`} for ${(forMs / 1000).toFixed(1)} s`;
}

function anyFault(counts: Record<ServiceName, number>, random: Random): Fault {
  if (random.chance(0.15)) return random.chance(0.25) ? flush() : restart(random.pick(SERVERS), random);
  const service = random.pick(VICTIMS);
  return random.chance(0.5) ? kill(service, counts, random) : pause(service, counts, random);
}

function kill(service: ServiceName, counts: Record<ServiceName, number>, random: Random): Fault {
  return { kind: 'kill', process: oneOf(service, counts, random), signal: 'SIGKILL', forMs: wholeMs(random, DOWN_MS) };
}

function pause(service: ServiceName, counts: Record<ServiceName, number>, random: Random): Fault {
  return {
    kind: 'pause',
    process: oneOf(service, counts, random),
    signal: 'SIGSTOP',
    forMs: wholeMs(random, PAUSE_MS),
  };
}

/** A lone Cassandra node that is killed forgets what it acknowledged within its last commit-log sync: it is ended. */
function restart(server: string, random: Random): Fault {
  const signal = random.chance(0.5) && !server.startsWith('cassandra') ? 'SIGKILL' : 'SIGTERM';
  return { kind: 'restart', process: server, signal, forMs: wholeMs(random, SERVER_DOWN_MS) };
}

function flush(): Fault {
  return { kind: 'flush', process: 'redis-0', signal: null, forMs: 0 };
}

function oneOf(service: ServiceName, counts: Record<ServiceName, number>, random: Random): string {
  return `${service}-${random.integer(counts[service])}`;
}

function wholeMs(random: Random, { from, to }: { from: number; to: number }): number {
  return Math.round(random.between(from, to));
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const left = [...items];
  return items.map(() => left.splice(random.integer(left.length), 1)[0]!);
}
