import type { Settle } from '@garam/service/batch-work';
import { readHeads, type DeliveryParts } from '@garam/service-gateway/delivery/delivery-parts';
import { writeHeads, writeMemberships, writeRows } from '@garam/service-persister/persist-batch';
import { commitPosition, saveRows, saveStates, takeFlush, type TakeFlush } from '@garam/service-sequencer/flush-chats';
import { createOutbox, type CreateOutbox } from '@garam/service-sequencer/outbox';
import { planReads, type PlanReads } from '@garam/service-sequencer/plan-reads';
import type { Sabotage } from './cluster.ts';
import { allFaults, busGone, fanoutStuck, noHealing, owners, slowTail, tornWrites, type Profile } from './profiles.ts';
import * as profiles from './sabotage-profiles.ts';
import { withoutTailing } from './without-tailing.ts';
import * as decisions from './worse-decisions.ts';
import type { Invariant } from './world.ts';

/** A rule of the design left out, with the faults that make the hole show. */
export interface NamedSabotage {
  name: string;
  profile: Profile;
  parts: Sabotage;
  /** Which breaches count as having caught it; undefined: any. */
  caughtBy?: readonly Invariant[];
  /** A seed from which it is caught soon, as `npm run sim -- --all-sabotages` found out. */
  startSeed: number;
}

/** What users would notice: for worse decisions, which never equal the undisturbed fold. */
const PROMISES: readonly Invariant[] = ['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I7', 'I10', 'I11', 'FIFO'];

const commitFirst: Settle = async (effects, commit) => {
  commit();
  await effects();
};

/** What is decided is saved, acknowledged by the log or not. */
const saveAhead: TakeFlush = (dirty, positions) => {
  for (const memory of dirty) memory.acked = memory.state;
  return takeFlush(dirty, positions);
};

const commitSeen: TakeFlush = (dirty, positions) => ({ ...takeFlush(dirty, positions), position: positions.seen });

/** An append that fails is taken for one that succeeded. */
const giveUpOnBatches: CreateOutbox = (deps, options) => {
  const appendBatch: typeof deps.log.appendBatch = (topic, partition, records) =>
    deps.log.appendBatch(topic, partition, records).catch(() => ({ offset: 0, timestamp: 0 }));
  return createOutbox({ ...deps, log: { ...deps.log, appendBatch } }, options);
};

/** Entries that are not in memory do not exist. */
const memoryOnly: PlanReads = (memory, pending) => {
  const reads = planReads(memory, pending);
  return reads === null || reads.users.length === 0 ? null : { ...reads, sent: false };
};

const headThenRoute: DeliveryParts['routeThenHead'] = async (core, chats) => {
  const heads = await readHeads(core, chats);
  await core.routes.add(chats.map((chat) => `chat:${chat}` as const));
  return heads;
};

const ofSequencer: NamedSabotage[] = [
  {
    name: 'commit before save',
    profile: owners,
    parts: { sequencer: { flushSteps: [commitPosition, saveRows, saveStates] } },
    startSeed: 0,
  },
  { name: 'save ahead of append', profile: owners, parts: { sequencer: { takeFlush: saveAhead } }, startSeed: 0 },
  {
    name: 'commit past the un-appended',
    profile: owners,
    parts: { sequencer: { takeFlush: commitSeen } },
    startSeed: 0,
  },
  {
    name: 'failed batch not retried',
    profile: owners,
    parts: { sequencer: { createOutbox: giveUpOnBatches } },
    startSeed: 0,
  },
  {
    name: 'state saved before its rows',
    profile: tornWrites,
    parts: { sequencer: { flushSteps: [saveStates, saveRows, commitPosition] } },
    startSeed: 0,
  },
  {
    name: 'state by arrival, no clock',
    profile: tornWrites,
    parts: { ignoresTimestampsOf: (table) => table === 'chat_state' || table === 'chat_members' },
    startSeed: 0,
  },
  {
    name: 'duplicates known from memory only',
    profile: profiles.lateCopies,
    parts: { sequencer: { planReads: memoryOnly } },
    startSeed: 0,
  },
];

const ofDecisions: NamedSabotage[] = [
  { name: 'membership now', profile: owners, parts: { sequencer: { decide: decisions.membershipNow } } },
  {
    name: 'duplicate entries not positioned',
    profile: profiles.lateCopies,
    parts: { sequencer: { decide: decisions.entriesUnpositioned } },
  },
  {
    name: 'refusals forgotten',
    profile: profiles.revolvingDoor,
    parts: { sequencer: { decide: decisions.refusalsForgotten } },
  },
  {
    name: 'membership before duplicates',
    profile: allFaults,
    parts: { sequencer: { decide: decisions.membershipFirst } },
  },
  {
    name: 'late copies taken',
    profile: profiles.lateCopies,
    parts: { sequencer: { decide: decisions.lateCopiesTaken } },
  },
].map((sabotage) => ({ ...sabotage, caughtBy: PROMISES, startSeed: 0 }));

const ofViews: NamedSabotage[] = [
  {
    name: 'head written before rows',
    profile: profiles.slowPersister,
    parts: { persister: { phases: [writeHeads, writeMemberships, writeRows] } },
    startSeed: 0,
  },
  {
    name: 'persister commits first',
    profile: profiles.frailPersister,
    parts: { persister: { settle: commitFirst } },
    startSeed: 0,
  },
];

const ofDelivery: NamedSabotage[] = [
  {
    name: 'fanout commits first',
    profile: profiles.frailFanout,
    parts: { fanout: { settle: commitFirst } },
    startSeed: 15,
  },
  {
    name: 'head read before the route is written',
    profile: profiles.manyReconnects,
    parts: { delivery: { routeThenHead: headThenRoute } },
    startSeed: 510,
  },
  {
    name: 'the same, healed in time',
    profile: profiles.healedInTime,
    parts: { delivery: { routeThenHead: headThenRoute } },
    startSeed: 205,
    caughtBy: ['latency'],
  },
  {
    name: 'no comparison after a lost bus',
    profile: profiles.resubscribing,
    parts: { delivery: { comparesAfterLoss: false } },
    startSeed: 30,
  },
  {
    name: 'no gap check',
    profile: profiles.lossyBus,
    parts: { delivery: { judge: (last, rev) => (rev <= last ? 'drop' : 'pass') } },
    startSeed: 0,
  },
  {
    name: 'repeated events pass the gate',
    profile: noHealing,
    parts: { delivery: { judge: (last, rev) => (rev <= last + 1 ? 'pass' : 'hold') } },
    startSeed: 0,
  },
  {
    name: 'holes are not read again',
    profile: profiles.resubscribing,
    parts: { delivery: { repairsHoles: false } },
    startSeed: 0,
  },
  {
    name: 'removal read from a lagging view',
    profile: profiles.slowPersister,
    parts: { delivery: { foldMembership: (row) => row } },
    startSeed: 30,
  },
];

const ofTailing: NamedSabotage[] = [
  {
    name: 'no reading of the log without the bus',
    profile: busGone,
    parts: { tailing: { createTailing: withoutTailing } },
    startSeed: 0,
  },
  {
    name: 'no reading of the log without fanout',
    profile: fanoutStuck,
    parts: { tailing: { createTailing: withoutTailing } },
    caughtBy: ['latency'],
    startSeed: 0,
  },
  {
    name: 'reading the log begins at its end',
    profile: busGone,
    parts: { tailing: { startAt: (log, { topic, partition }) => log.end(topic, partition) } },
    startSeed: 0,
  },
  {
    name: 'back to the bus without reading to the end',
    profile: slowTail,
    parts: { tailing: { endAt: async (_log, { next = 0 }) => next } },
    startSeed: 35,
  },
];

export const SABOTAGES: readonly NamedSabotage[] = [
  ...ofSequencer,
  ...ofDecisions,
  ...ofViews,
  ...ofDelivery,
  ...ofTailing,
];
