import { allFaults, calm, noHealing, owners, type Profile } from './profiles.ts';

/** Faults under which particular holes show. */

/** Nothing is forgotten for a long while, and the log repeats itself late. */
export const lateCopies: Profile = {
  ...owners,
  name: 'late copies',
  log: { ...owners.log, appendDuplicated: 0.25, duplicateLate: 0.7, appendLate: 0.08 },
  longGaps: 0.8,
};

/** People come into the chat and go, and the log repeats what they have wished. */
export const revolvingDoor: Profile = {
  ...owners,
  name: 'revolving door',
  log: { ...owners.log, appendDuplicated: 0.35, duplicateLate: 0, appendLate: 0.08 },
  membershipChanges: 0.5,
  eagerGuests: 0.9,
};

/** Connections to the bus break all the time, with a sign, and nothing else heals. */
export const resubscribing: Profile = {
  ...noHealing,
  name: 'resubscribing',
  bus: { ...noHealing.bus, disconnects: 6 },
};

/** Fanout dies a lot and has to try again a lot, so that there is something between its commit and its effects. */
export const frailFanout: Profile = {
  ...noHealing,
  name: 'frail fanout',
  bus: { ...noHealing.bus, commandFailed: 0.2, disconnects: 0 },
  processes: { ...noHealing.processes, fanout: { crashes: 8, pauses: 3, longPauses: 0.2 } },
};

/** The same for the persister. */
export const frailPersister: Profile = {
  ...allFaults,
  name: 'frail persister',
  store: { ...allFaults.store, replicaLost: 0.1, replicaLate: 0.2 },
  processes: { ...allFaults.processes, persister: { crashes: 6, pauses: 2, longPauses: 0.2 } },
};

/** Gates open all the time while the views lag behind. */
export const slowPersister: Profile = {
  ...noHealing,
  name: 'slow persister',
  bus: { ...noHealing.bus, disconnects: 0 },
  processes: {
    ...noHealing.processes,
    persister: { crashes: 1, pauses: 6, longPauses: 0.5 },
    gateway: { crashes: 0, pauses: 0, longPauses: 0 },
  },
  clients: { cuts: 6, leaves: 16, reloads: 10 },
  membershipChanges: 0.4,
  delivery: { antiEntropyMs: 0, lingerMs: 50 },
};

/** Single publishes are lost without a sign. */
export const lossyBus: Profile = {
  ...allFaults,
  name: 'lossy bus',
  bus: { ...allFaults.bus, publishLost: 0.12 },
};

/** Gates open all the time, and reading heads takes its time: much can happen between two steps. */
export const manyReconnects: Profile = {
  ...noHealing,
  name: 'many reconnects',
  store: { ...noHealing.store, latencyMs: 120 },
  bus: { ...noHealing.bus, disconnects: 0 },
  processes: { ...noHealing.processes, gateway: { crashes: 0, pauses: 0, longPauses: 0 } },
  clients: { cuts: 6, leaves: 16, reloads: 10 },
  delivery: { antiEntropyMs: 0, lingerMs: 50 },
};

/** The same with a fanout that is far from the bus. */
export const farFanout: Profile = {
  ...manyReconnects,
  name: 'far fanout',
  bus: { ...manyReconnects.bus, fanoutLatencyMs: 120 },
};

/** Nothing fails, and the periodic comparison heals what the code does wrong: only the latency tells. */
export const healedInTime: Profile = {
  ...calm,
  name: 'healed in time',
  withoutTailing: true,
  store: { ...calm.store, latencyMs: 120 },
  clients: { cuts: 0, leaves: 16, reloads: 10 },
  delivery: { lingerMs: 50 },
  arrivesWithinMs: 5_000,
};
