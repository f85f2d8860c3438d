import { TOPICS } from '@garam/contracts/topics';
import type { EventLog } from '@garam/eventlog/event-log';
import { inLanes } from './in-lanes.ts';
import { MigrationRefused, type Migration } from './migration.ts';

/** `new`: nothing was there. `resumed`: an earlier run was interrupted. `complete`: there is nothing left to do. */
export interface Claim {
  state: 'new' | 'resumed' | 'complete';
  /** What clients know the old log by, and the new one from now on. */
  name: string;
}

const LANES = 32;

/**
 * Makes sure that nothing but an earlier run of the same migration has written to the target, and marks it as being filled.
 * @throws MigrationRefused
 */
export async function claimTarget(migration: Migration): Promise<Claim> {
  const { source, target, clock, patiently } = migration;
  const own = await source.store.logNames.find(source.log.id);
  if (own !== null && !own.isComplete)
    throw new MigrationRefused(`${source.folder} is itself the unfinished target of a migration`);
  const name = own?.name ?? source.log.id;
  const found = await patiently('reading the name of the new log', () => target.store.logNames.find(target.log.id));
  if (found !== null && found.name !== name)
    throw new MigrationRefused(`this log and store belong to log ${found.name}, the folder is ${name}`);
  if (found?.isComplete === true) return { state: 'complete', name };
  await refuseUsed(target.log, found === null ? Object.values(TOPICS) : [TOPICS.commands, TOPICS.replies]);
  if (found !== null) return { state: 'resumed', name };
  await refuseKnownRows(migration);
  await nameTarget(migration, { name, isComplete: false, at: clock.now() });
  return { state: 'new', name };
}

/** @throws Error when the name did not stand: a clock that was ahead has written a later one */
export async function nameTarget(
  { target, patiently }: Migration,
  { at, ...name }: { name: string; isComplete: boolean; at: number },
): Promise<void> {
  const { logNames } = target.store;
  await patiently('naming the new log', () => logNames.put(target.log.id, name, at));
  const stands = await patiently('naming the new log', () => logNames.find(target.log.id));
  if (stands?.isComplete !== name.isComplete)
    throw new Error('the name of the new log did not stand: the clock of an earlier run was ahead; try again later');
}

async function refuseUsed(log: EventLog, topics: readonly string[]): Promise<void> {
  for (const topic of topics) {
    for (let partition = 0; partition < log.partitions; partition++) {
      const end = await log.end(topic, partition);
      if (end > 0)
        throw new MigrationRefused(
          `the new log is not empty: ${topic}/${partition} has had ${end} records that no migration of this folder wrote`,
        );
    }
  }
}

/** A chat or a person that the new store knows already comes from somewhere else. */
async function refuseKnownRows({ source, target, patiently }: Migration): Promise<void> {
  const refuse = (what: string): never => {
    throw new MigrationRefused(`the new store is not empty: it knows ${what}; use an empty keyspace`);
  };
  for (const states of source.rows.states()) {
    await inLanes(states, LANES, async ({ state: { chat } }) => {
      const { sequencer, reads } = target.store;
      if ((await patiently('looking at the new store', () => sequencer.loadChat(chat))) !== null)
        refuse(`chat ${chat}`);
      const [head] = await patiently('looking at the new store', () => reads.heads([chat]));
      if (head !== null) refuse(`chat ${chat}`);
    });
  }
  for (const people of source.rows.people()) {
    const users = people.map(({ user }) => user);
    const [known] = await patiently('looking at the new store', () => target.store.users.profiles(users));
    if (known !== undefined) refuse(`user ${known.user}`);
  }
}
