import { GROUPS, TOPICS } from '@garam/contracts/topics';
import type { EventLog } from '@garam/eventlog/event-log';
import { claimTarget, nameTarget } from './claim-target.ts';
import { compare } from './compare.ts';
import type { Comparison } from './comparison.ts';
import { copyEvents, type CopiedEvents } from './copy-events.ts';
import { copyRows } from './copy-rows.ts';
import { readFolderNote, writeFolderNote } from './folder-note.ts';
import { MigrationRefused, type Migration } from './migration.ts';
import { setPositions } from '../set-positions.ts';

export type MigrationOutcome =
  | { state: 'complete before' }
  | { state: 'complete' | 'differing'; copied: CopiedEvents; comparison: Comparison };

/**
 * Moves everything of a drained embedded folder into an empty log and store. Marked first, copied, read back and
 * compared, and only then given the old log's name: until that clients are not let in.
 * See docs/adr/0011-move-a-folder-below-offset-zero.md.
 * @throws MigrationRefused, and Error when a server stays away or the folder changes meanwhile: run it again then
 */
export async function migrate(migration: Migration): Promise<MigrationOutcome> {
  const { source, target, clock, progress } = migration;
  const note = readFolderNote(source.folder);
  if (note !== null && note.toLog !== null && note.toLog !== target.log.id)
    throw new MigrationRefused(
      `${source.folder} was ${note.isComplete ? 'moved' : 'partly moved'} to another log already (${note.at}); to start over, use an empty cluster and delete migrated.json there`,
    );
  const { state, name } = await claimTarget(migration);
  if (state === 'complete') return { state: 'complete before' };
  progress.line(state === 'new' ? `log ${target.log.id} will go on as ${name}` : 'an interrupted migration goes on');
  tellFolder(migration, false);

  const before = await endsOf(source.log);
  const copied = await copyEvents(migration);
  await copyRows(migration);
  const comparison = await compare(migration, copied.tally);
  if (comparison.differing > 0) return { state: 'differing', copied, comparison };
  await skipThePast(migration);
  if ((await endsOf(source.log)) !== before)
    throw new Error(`${source.folder} was written to while it was copied: stop Garam and run this again`);
  await refuseEarlyGuests(target.log);
  await nameTarget(migration, { name, isComplete: true, at: clock.now() });
  tellFolder(migration, true);
  return { state: 'complete', copied, comparison };
}

function tellFolder({ source, target, clock }: Migration, isComplete: boolean): void {
  writeFolderNote(source.folder, { toLog: target.log.id, isComplete, at: new Date(clock.now()).toISOString() });
}

/** The views are written and nobody is connected: who made them and who tells others need not see the past. */
async function skipThePast({ target: { log }, clock, patiently }: Migration): Promise<void> {
  const positions: number[] = [];
  for (let partition = 0; partition < log.partitions; partition++)
    positions.push(await patiently('reading the end of the events', () => log.end(TOPICS.events, partition)));
  for (const group of [GROUPS.persister, GROUPS.fanout])
    await setPositions(log, { group, topic: TOPICS.events, positions, clock, patiently });
}

/** Where all topics of the log end, as one text. */
async function endsOf(log: EventLog): Promise<string> {
  const ends: string[] = [];
  for (const topic of Object.values(TOPICS))
    for (let partition = 0; partition < log.partitions; partition++)
      ends.push(`${topic}/${partition}:${await log.end(topic, partition)}`);
  return ends.join(' ');
}

async function refuseEarlyGuests(log: EventLog): Promise<void> {
  for (let partition = 0; partition < log.partitions; partition++) {
    if ((await log.end(TOPICS.commands, partition)) > 0)
      throw new Error('somebody has used the new log before it was complete: reset log and store and start over');
  }
}
