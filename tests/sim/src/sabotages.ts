import type { DecideInput, Decision } from '@garam/domain/decide';
import { decide } from '@garam/domain/decide';
import { roleAt } from '@garam/domain/timeline';
import { readHeads } from '@garam/service-gateway/delivery/delivery-parts';
import { publishSteps, type RouteTable } from '@garam/service-fanout/publish-events';
import { writeHeads, writeMemberships, writeRows } from '@garam/service-persister/persist-batch';
import type { Settle } from '@garam/service/batch-work';
import { commitPosition, saveRows, saveStates, takeFlush, type TakeFlush } from '@garam/service-sequencer/flush-chats';
import { createOutbox, type CreateOutbox } from '@garam/service-sequencer/outbox';
import { planReads } from '@garam/service-sequencer/plan-reads';
import type { EventRecord } from '@garam/contracts/event-record';
import type { Sabotage } from './cluster.ts';
import { allFaults, calm, noHealing, owners, tornWrites, type Profile } from './profiles.ts';
import type { Invariant } from './world.ts';

/** A rule of the design left out, with the faults that make the hole show. */
export interface NamedSabotage {
  name: string;
  profile: Profile;
  parts: Sabotage;
  /** Rules of which a breach counts as having caught it; undefined: any. */
  caughtBy?: readonly Invariant[];
  /** A seed from which it is caught soon: found by `npm run sim -- --all-sabotages`. */
  startSeed: number;
}

/** Nothing is forgotten for a long while, and the log repeats itself late. */
const lateCopies: Profile = {
  ...owners,
  name: 'late copies',
  log: { ...owners.log, appendDuplicated: 0.25, duplicateLate: 0.7, appendLate: 0.08 },
  longGaps: 0.8,
};
const resubscribing: Profile = { ...noHealing, bus: { ...noHealing.bus, disconnects: 6 }, name: 'resubscribing' };
/** Gates open all the time, and reading heads takes its time: much can happen between two steps. */
const manyReconnects: Profile = {
  ...noHealing,
  name: 'many reconnects',
  store: { ...noHealing.store, latencyMs: 120 },
  bus: { ...noHealing.bus, disconnects: 0 },
  processes: { ...noHealing.processes, gateway: { crashes: 0, pauses: 0, longPauses: 0 } },
  clients: { cuts: 6, leaves: 16, reloads: 10 },
  delivery: { antiEntropyMs: 0, lingerMs: 50 },
};
/** The same with a fanout that is far from the bus. */
const farFanout: Profile = {
  ...manyReconnects,
  name: 'far fanout',
  store: noHealing.store,
  bus: { ...manyReconnects.bus, fanoutLatencyMs: 120 },
};
/** Fanout dies a lot and has to try again a lot, so that there is something between its commit and its effects. */
const frailFanout: Profile = {
  ...noHealing,
  name: 'frail fanout',
  bus: { ...noHealing.bus, commandFailed: 0.2, disconnects: 0 },
  processes: { ...noHealing.processes, fanout: { crashes: 8, pauses: 3, longPauses: 0.2 } },
};
/** The same for the persister. */
const frailPersister: Profile = {
  ...allFaults,
  name: 'frail persister',
  store: { latencyMs: 1.5, replicaLost: 0.1, replicaLate: 0.2, readFailed: 0.02 },
  processes: { ...allFaults.processes, persister: { crashes: 6, pauses: 2, longPauses: 0.2 } },
};
const comingAndGoing: Profile = {
  ...calm,
  name: 'coming and going',
  store: { ...calm.store, latencyMs: 120 },
  clients: { cuts: 0, leaves: 16, reloads: 10 },
  delivery: { lingerMs: 50 },
  arrivesWithinMs: 5_000,
};
const slowPersister: Profile = {
  ...manyReconnects,
  store: noHealing.store,
  name: 'slow persister',
  processes: { ...manyReconnects.processes, persister: { crashes: 1, pauses: 6, longPauses: 0.5 } },
};

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

/** What somebody is now, whatever the command's place in the log. */
const membershipNow = (input: DecideInput): Decision =>
  decide({
    ...input,
    members: {
      get(user) {
        const row = input.members.get(user);
        const role = row?.entries.at(-1)?.role;
        return row === undefined || role === undefined
          ? row
          : { ...row, entries: [...row.entries, { offset: -1, role }].slice(-1), trimmed: false };
      },
    },
  });

const entriesUnpositioned = (input: DecideInput): Decision =>
  decide({
    ...input,
    sent: input.sent.map((entry) => ({ ...entry, offset: Math.min(entry.offset, input.position.offset - 1) })),
  });

const refusalsForgotten = (input: DecideInput): Decision =>
  decide({ ...input, sent: input.sent.filter(({ outcome }) => outcome === 'accepted') });

/** Who is no member is refused before anybody looks whether the command is a duplicate. */
const membershipFirst = (input: DecideInput): Decision => {
  const role = roleAt(input.members.get(input.command.actor), input.position.offset);
  const isCreating = input.command.body.type === 'chat.create';
  return decide(role === null && !isCreating ? { ...input, sent: [] } : input);
};

const lateCopiesTaken = (input: DecideInput): Decision =>
  decide({ ...input, command: { ...input.command, sentAt: Math.max(input.command.sentAt, input.position.timestamp) } });

/** Routes as they were before the events could be found among the recent ones. */
const routesFirst = (() => {
  const early = new WeakMap<readonly EventRecord[], RouteTable>();
  return {
    ...publishSteps,
    async remember(bus: Parameters<typeof publishSteps.remember>[0], events: readonly EventRecord[]) {
      early.set(events, await publishSteps.findRoutes(bus, events));
      await publishSteps.remember(bus, events);
    },
    findRoutes: async (_bus: unknown, events: readonly EventRecord[]) => early.get(events)!,
  };
})();

export const SABOTAGES: readonly NamedSabotage[] = [
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
  { name: 'membership now', profile: owners, parts: { sequencer: { decide: membershipNow } }, startSeed: 0 },
  {
    name: 'duplicate entries not positioned',
    profile: lateCopies,
    parts: { sequencer: { decide: entriesUnpositioned } },
    startSeed: 0,
  },
  {
    name: 'duplicates known from memory only',
    profile: lateCopies,
    parts: { sequencer: { planReads: (memory, pending) => planWithoutSent(planReads(memory, pending)) } },
    startSeed: 0,
  },
  {
    name: 'refusals forgotten',
    profile: lateCopies,
    parts: { sequencer: { decide: refusalsForgotten } },
    startSeed: 0,
  },
  {
    name: 'membership before duplicates',
    profile: allFaults,
    parts: { sequencer: { decide: membershipFirst } },
    startSeed: 0,
  },
  { name: 'late copies taken', profile: lateCopies, parts: { sequencer: { decide: lateCopiesTaken } }, startSeed: 0 },
  {
    name: 'head written before rows',
    profile: slowPersister,
    parts: { persister: { phases: [writeHeads, writeMemberships, writeRows] } },
    startSeed: 0,
  },
  {
    name: 'persister commits first',
    profile: frailPersister,
    parts: { persister: { settle: commitFirst } },
    startSeed: 0,
  },
  { name: 'fanout commits first', profile: frailFanout, parts: { fanout: { settle: commitFirst } }, startSeed: 0 },
  {
    name: 'routes read before remembering',
    profile: manyReconnects,
    parts: { fanout: { steps: routesFirst } },
    startSeed: 0,
  },
  {
    name: 'head read before the route is written',
    profile: manyReconnects,
    parts: {
      delivery: {
        async routeThenHead(deps, routes, chats) {
          const heads = await readHeads(deps, chats);
          await routes.add(chats.map((chat) => `chat:${chat}` as const));
          return heads;
        },
      },
    },
    startSeed: 0,
  },
  {
    name: 'no comparison after a lost bus',
    profile: resubscribing,
    parts: { delivery: { comparesAfterLoss: false } },
    startSeed: 0,
  },
  {
    name: 'no gap check',
    profile: resubscribing,
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
    profile: resubscribing,
    parts: { delivery: { repairsHoles: false } },
    startSeed: 0,
  },
  {
    name: 'removal read from a lagging view',
    profile: slowPersister,
    parts: { delivery: { foldMembership: (row) => row } },
    startSeed: 0,
  },
  {
    name: 'late events on a healthy bus',
    profile: comingAndGoing,
    parts: {
      delivery: {
        async routeThenHead(deps, routes, chats) {
          const heads = await readHeads(deps, chats);
          await routes.add(chats.map((chat) => `chat:${chat}` as const));
          return heads;
        },
      },
    },
    caughtBy: ['latency'],
    startSeed: 0,
  },
];

function planWithoutSent(reads: ReturnType<typeof planReads>): ReturnType<typeof planReads> {
  if (reads === null || reads.users.length === 0) return null;
  return { ...reads, sent: false };
}
