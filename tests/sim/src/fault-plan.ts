import type { Cluster, ServiceKind, Slot } from './cluster.ts';
import type { Workload } from './workload.ts';
import type { World } from './world.ts';

/** Plans what happens to processes, groups, connections and the bus as wholes; single calls fail by themselves. */
export function planFaults(world: World, cluster: Cluster, workload: Workload): void {
  const { random, profile, scheduler } = world;

  /** On average `times` times, mostly while people are active. */
  const plan = (kind: string, times: number, happen: () => void): void => {
    const count = Math.floor(times) + (random.chance(times % 1) ? 1 : 0);
    for (let index = 0; index < count; index++) {
      const burst = random.pick(workload.bursts);
      const atMs = random.chance(0.85)
        ? random.between(burst.fromMs - 500, burst.untilMs + 1_500)
        : random.between(0, workload.endMs);
      scheduler.schedule(Math.max(0, atMs), () => {
        if (world.fault(kind, 1)) happen();
      });
    }
  };
  const someSlot = (kind: ServiceKind): Slot => random.pick(cluster.of(kind));
  const someClient = () => random.pick(workload.clients);

  for (const kind of ['sequencer', 'persister', 'fanout', 'gateway'] as const) {
    const { crashes, pauses, longPauses } = profile.processes[kind];
    plan(`${kind} crash`, crashes, () => crash(world, cluster, someOwner(cluster, kind) ?? someSlot(kind)));
    plan(`${kind} pause`, pauses, () =>
      pause(world, someOwner(cluster, kind) ?? someSlot(kind), random.between(300, 12_000)),
    );
    plan(`${kind} long pause`, longPauses, () => pause(world, someSlot(kind), random.between(30_000, 180_000)));
  }
  plan('rebalance', profile.rebalances, () => random.pick([...cluster.broker.groups]).rebalance());
  plan('bus disconnect', profile.bus.disconnects, () =>
    cluster.bus.disconnect(random.between(20, 4_000), random.pick(cluster.bus.instances)),
  );
  plan('bus outage', profile.bus.outages, () => cluster.bus.outage(random.between(500, 8_000)));
  plan('bus gone', profile.bus.longOutages, () => cluster.bus.outage(random.between(10_000, 40_000)));
  plan('fanout cut off', profile.bus.fanoutCutOffs, () => cluster.bus.cutFanoutOff(random.between(8_000, 40_000)));
  plan('bus failover', profile.bus.failovers, () => cluster.bus.failover());
  plan('bus flush', profile.bus.flushes, () => cluster.bus.flush());
  plan('route loss', profile.bus.routeLosses, () => cluster.bus.loseRoutes(random.pick(cluster.bus.instances)));
  plan('network cut', profile.clients.cuts, () => someClient().cutNetwork());
  plan('client reload', profile.clients.reloads, () => someClient().reload());
  plan('client leaves', profile.clients.leaves, () => {
    const client = someClient();
    client.goOffline();
    const awayMs = random.chance(0.4) ? random.between(10_000, 200_000) : random.between(100, 4_000);
    scheduler.schedule(awayMs, () => client.goOnline());
  });
}

/** The process that works on something now: faults that hit it are worth more. */
function someOwner(cluster: Cluster, kind: ServiceKind): Slot | undefined {
  const owners = new Set([...cluster.broker.groups].flatMap((group) => group.owners));
  return cluster.of(kind).find(({ process }) => owners.has(process));
}

function crash(world: World, cluster: Cluster, slot: Slot): void {
  const { process } = slot;
  if (process.state === 'dead') return;
  process.crash();
  world.scheduler.schedule(world.random.between(100, 6_000), () => {
    if (slot.process === process) cluster.start(slot);
  });
}

function pause(world: World, { process }: Slot, durationMs: number): void {
  process.pause();
  world.scheduler.schedule(durationMs, () => process.resume());
}

/** No more faults: what is paused goes on, what is gone is back. Owners change once more. */
export function heal(world: World, cluster: Cluster, workload: Workload): void {
  world.isHealed = true;
  world.trace(() => 'everything heals');
  cluster.bus.heal();
  for (const slot of cluster.slots) {
    if (slot.process.state === 'paused') slot.process.resume();
    if (slot.process.state === 'dead') cluster.start(slot);
  }
  for (const client of workload.clients) client.goOnline();
  for (const group of cluster.broker.groups) group.rebalance();
}
