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
    /** Of the reads without a group: the answer is seconds old when it comes; never two in a row. */
    readStalled?: number;
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
    /** Many times longer than any time-out. */
    longOutages: number;
    /** Fanout alone does not get through to the bus. */
    fanoutCutOffs: number;
    /** A broken connection is noticed within this, ms; default at once. */
    lossNoticeMs?: number;
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
  /** Gateways do not read the log themselves: else that heals whatever the bus has lost. */
  withoutTailing?: true;
  /** Every event must arrive within this, ms: nothing fails, or something takes the place of what does. */
  arrivesWithinMs?: number;
  /** Nothing that fails may cost a sender the answer: no command is repeated. */
  answersFirstTime?: true;
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
    longOutages: 0.1,
    fanoutCutOffs: 0.1,
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
  longOutages: 0,
  fanoutCutOffs: 0,
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

/** Only connections to the bus break, or all of it is gone: gateways read the log themselves, and nobody notices. */
export const busGone: Profile = {
  ...calm,
  name: 'bus gone',
  bus: { ...NO_BUS_FAULTS, disconnects: 4, longOutages: 1.2, lossNoticeMs: 1_500 },
  clients: { cuts: 0, leaves: 0, reloads: 0 },
  longGaps: 0,
  http: 0,
  delivery: { antiEntropyMs: 0 },
  arrivesWithinMs: 3_500,
  answersFirstTime: true,
};

/** Connections to the bus break, and whoever reads the log instead lags behind it. */
export const slowTail: Profile = {
  ...busGone,
  name: 'slow tail',
  log: { ...NO_LOG_FAULTS, readStalled: 0.3 },
  bus: { ...NO_BUS_FAULTS, disconnects: 6 },
  arrivesWithinMs: 4_500,
};

/** As `bus gone`, with people who come and go, and a bus that comes back empty or with less than it had. */
export const busUnsteady: Profile = {
  ...calm,
  name: 'bus unsteady',
  bus: {
    ...NO_BUS_FAULTS,
    commandFailed: 0.02,
    disconnects: 3,
    longOutages: 1,
    failovers: 1,
    flushes: 0.5,
    lossNoticeMs: 1_500,
  },
  clients: { cuts: 2, leaves: 6, reloads: 3 },
  longGaps: 0,
  delivery: { antiEntropyMs: 0, lingerMs: 500 },
  arrivesWithinMs: 4_500,
};

/** Fanout is cut off from a bus that is well otherwise: only its heartbeats tell. */
export const fanoutStuck: Profile = {
  ...calm,
  name: 'fanout stuck',
  bus: { ...NO_BUS_FAULTS, fanoutCutOffs: 1.5 },
  clients: { cuts: 0, leaves: 4, reloads: 2 },
  longGaps: 0,
  delivery: { antiEntropyMs: 0, lingerMs: 500 },
  arrivesWithinMs: 6_500,
};

/** A steady bus whose connections break with a sign, and no healing but the gap repair. */
export const noHealing: Profile = {
  ...allFaults,
  name: 'no healing',
  bus: { ...NO_BUS_FAULTS, commandFailed: 0.02, disconnects: 3 },
  processes: { ...allFaults.processes, fanout: { crashes: 3, pauses: 2, longPauses: 0.2 } },
  delivery: { antiEntropyMs: 0 },
  withoutTailing: true,
};

export const PROFILES: Record<string, Profile> = {
  allFaults,
  calm,
  owners,
  tornWrites,
  busGone,
  slowTail,
  busUnsteady,
  fanoutStuck,
  noHealing,
};

/** How often the periodic comparison heals in this run, ms; 0: never. */
export function antiEntropyOf(profile: Profile): number {
  return profile.delivery.antiEntropyMs ?? DELIVERY_DEFAULTS.antiEntropyMs;
}
