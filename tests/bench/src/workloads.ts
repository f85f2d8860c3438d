import type { PopulationShape } from './population.ts';

/** A message workload: who talks to whom, how fast, and what it must reach. */
export interface MessageWorkload {
  name: 'pairs' | 'groups' | 'large';
  title: string;
  shape: Omit<PopulationShape, 'prefix'>;
  rate: number;
  /** At least: measured, CPU per message falls by a third in the first ten seconds. */
  warmUpSeconds: number;
  seconds: number;
  bars: LoadBars;
}

/** Nothing lost, doubled, reordered, refused or unanswered is a bar of every workload. */
export interface LoadBars {
  ackP50MaxMs?: number;
  ackP99MaxMs?: number;
  deliverP99MaxMs?: number;
  cpuMaxUsPerMessage?: number;
}

const PAIRS = { name: 'pairs', shape: { chats: 200, membersPerChat: 2 }, warmUpSeconds: 12, seconds: 12 } as const;

/** Run in this order; workloads of one name share a server. */
export const MESSAGE_WORKLOADS: readonly MessageWorkload[] = [
  { ...PAIRS, title: '200 pairs', rate: 2000, bars: { ackP99MaxMs: 15 } },
  { ...PAIRS, title: '200 pairs', rate: 4000, bars: { ackP99MaxMs: 40 } },
  {
    name: 'groups',
    title: '20 groups of 50',
    shape: { chats: 20, membersPerChat: 50 },
    rate: 200,
    warmUpSeconds: 12,
    seconds: 12,
    bars: { deliverP99MaxMs: 8, cpuMaxUsPerMessage: 800 },
  },
  {
    name: 'large',
    title: 'one group of 1,000',
    shape: { chats: 1, membersPerChat: 1000 },
    rate: 20,
    warmUpSeconds: 12,
    seconds: 15,
    bars: { deliverP99MaxMs: 30, cpuMaxUsPerMessage: 8000 },
  },
];

/** The same against processes on Kafka, Cassandra and Redis, whose virtual machines need longer to become warm. */
export const CLUSTER_WORKLOADS: readonly MessageWorkload[] = [
  {
    name: 'pairs',
    title: '200 pairs',
    shape: { chats: 200, membersPerChat: 2 },
    rate: 1000,
    warmUpSeconds: 40,
    seconds: 20,
    bars: { ackP50MaxMs: 5, ackP99MaxMs: 40, deliverP99MaxMs: 50 },
  },
  ...MESSAGE_WORKLOADS.filter(({ name }) => name !== 'pairs').map(onTheCluster),
];

function onTheCluster(workload: MessageWorkload): MessageWorkload {
  return { ...workload, warmUpSeconds: 40, bars: {} };
}

/** The highest healthy rate the cluster must reach, messages per second. */
export const CLUSTER_HEALTHY_RATE_MIN = 3000;

export const IDLE_BYTES_PER_CONNECTION_MAX = 12 * 1024;
/** Under twice the healthy rate: share of the healthy rate that must still be accepted, and how soon a refusal comes. */
export const OVERLOAD_KEPT_MIN = 0.9;
export const OVERLOAD_REFUSAL_P99_MAX_MS = 100;
