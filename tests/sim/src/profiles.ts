import { DELIVERY_DEFAULTS, type DeliveryOptions } from '@garam/service-gateway/delivery/delivery-deps';

/** Which faults a run meets and how often: probabilities per call, numbers per run. */
export interface Profile {
  name: string;
  log: {
    appendRefused: number;
    appendLost: number;
    appendAckLost: number;
    appendLate: number;
    appendDuplicated: number;
    /** Of the duplicates: come 20–200 s later. */
    duplicateLate: number;
    commitLost: number;
    commitAckLost: number;
    /** A commit of a former owner that is accepted all the same. */
    zombieCommit: number;
    fetchFailed: number;
  };
  store: { latencyMs: number; replicaLost: number; replicaLate: number; readFailed: number };
  bus: {
    /** Mean of one way, ms; fanout may be further away. */
    latencyMs: number;
    fanoutLatencyMs: number;
    /** One publish, without any sign of it. */
    publishLost: number;
    commandFailed: number;
    answerLost: number;
    disconnects: number;
    outages: number;
    failovers: number;
    flushes: number;
    routeLosses: number;
  };
  /** Per kind of service and run. */
  processes: Record<
    'sequencer' | 'persister' | 'fanout' | 'gateway',
    { crashes: number; pauses: number; longPauses: number }
  >;
  rebalances: number;
  clients: { cuts: number; leaves: number; reloads: number };
  /** Of the latencies: much longer than usual. */
  slow: number;
  /** The log hands over copies, not the very bytes: records are decoded. */
  copiesBytes: boolean;
  /** Gateways do not filter alike, and some limit rates. */
  policies: number;
  /** Simulated time between bursts of activity is long: ages matter. */
  longGaps: number;
  /** Sends over HTTP, always attempt 2: of all that people do. */
  http: number;
  /** Of all that people do: somebody is added or removed. */
  membershipChanges: number;
  /** Of those who are added: write a little before, and may have been too early. */
  eagerGuests: number;
  delivery: Partial<DeliveryOptions>;
  /** Nothing fails: every event must arrive within this, ms. */
  arrivesWithinMs?: number;
}

const SERVICE = { crashes: 0.8, pauses: 1, longPauses: 0.15 };

/** All faults. */
export const allFaults: Profile = {
  name: 'all faults',
  log: {
    appendRefused: 0.03,
    appendLost: 0.04,
    appendAckLost: 0.05,
    appendLate: 0.04,
    appendDuplicated: 0.06,
    duplicateLate: 0.2,
    commitLost: 0.06,
    commitAckLost: 0.06,
    zombieCommit: 0.5,
    fetchFailed: 0.02,
  },
  store: { latencyMs: 1.5, replicaLost: 0.03, replicaLate: 0.05, readFailed: 0.02 },
  bus: {
    latencyMs: 0.5,
    fanoutLatencyMs: 0.5,
    publishLost: 0.01,
    commandFailed: 0.02,
    answerLost: 0.02,
    disconnects: 2,
    outages: 0.3,
    failovers: 0.4,
    flushes: 0.15,
    routeLosses: 0.3,
  },
  processes: {
    sequencer: {
      crashes: 1.5,
      pauses: 2,
      longPauses: 0.3,
    },
    persister: SERVICE,
    fanout: SERVICE,
    gateway: {
      crashes: 0.5,
      pauses: 1,
      longPauses: 0.4,
    },
  },
  rebalances: 3,
  clients: { cuts: 4, leaves: 2, reloads: 1 },
  slow: 0.03,
  copiesBytes: false,
  policies: 0.3,
  longGaps: 0.35,
  http: 0.12,
  membershipChanges: 0.22,
  eagerGuests: 0.2,
  delivery: {},
};

const NONE = { crashes: 0, pauses: 0, longPauses: 0 };
const NO_LOG_FAULTS: Profile['log'] = {
  appendRefused: 0,
  appendLost: 0,
  appendAckLost: 0,
  appendLate: 0,
  appendDuplicated: 0,
  duplicateLate: 0,
  commitLost: 0,
  commitAckLost: 0,
  zombieCommit: 0,
  fetchFailed: 0,
};
const NO_BUS_FAULTS: Profile['bus'] = {
  latencyMs: 0.5,
  fanoutLatencyMs: 0.5,
  publishLost: 0,
  commandFailed: 0,
  answerLost: 0,
  disconnects: 0,
  outages: 0,
  failovers: 0,
  flushes: 0,
  routeLosses: 0,
};

/** People come, go and write, and nothing fails: for latencies. */
export const calm: Profile = {
  name: 'calm',
  log: NO_LOG_FAULTS,
  store: {
    latencyMs: 1.5,
    replicaLost: 0,
    replicaLate: 0,
    readFailed: 0,
  },
  bus: NO_BUS_FAULTS,
  processes: {
    sequencer: NONE,
    persister: NONE,
    fanout: NONE,
    gateway: NONE,
  },
  rebalances: 0,
  clients: {
    cuts: 0,
    leaves: 3,
    reloads: 1,
  },
  slow: 0,
  copiesBytes: false,
  policies: 0,
  longGaps: 0.2,
  http: 0.1,
  membershipChanges: 0.22,
  eagerGuests: 0,
  delivery: {},
  arrivesWithinMs: 1500,
};

/** Only what happens to owners of partitions and to the log: stores and buses are well. */
export const owners: Profile = {
  ...calm,
  name: 'owners',
  eagerGuests: 0.2,
  log: allFaults.log,
  processes: { ...calm.processes, sequencer: { crashes: 2.5, pauses: 3, longPauses: 0.4 } },
  rebalances: 4,
  clients: { cuts: 2, leaves: 1, reloads: 1 },
  slow: 0.03,
  longGaps: 0.35,
  delivery: {},
};
delete (owners as { arrivesWithinMs?: number }).arrivesWithinMs;

/** Nearly half of the replica writes fail, owners crash. */
export const tornWrites: Profile = {
  ...owners,
  name: 'torn writes',
  store: { latencyMs: 1.5, replicaLost: 0.15, replicaLate: 0.25, readFailed: 0.02 },
};

/** A steady bus whose connections break with a sign, and no healing but the gap repair. */
export const noHealing: Profile = {
  ...allFaults,
  name: 'no healing',
  bus: { ...NO_BUS_FAULTS, commandFailed: 0.02, disconnects: 3 },
  processes: { ...allFaults.processes, fanout: { crashes: 3, pauses: 2, longPauses: 0.2 } },
  delivery: { antiEntropyMs: 0 },
};

export const PROFILES: Record<string, Profile> = { allFaults, calm, owners, tornWrites, noHealing };

/** How often the periodic comparison heals in this run, ms; 0: never. */
export function antiEntropyOf(profile: Profile): number {
  return profile.delivery.antiEntropyMs ?? DELIVERY_DEFAULTS.antiEntropyMs;
}
