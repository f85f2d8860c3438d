import type { ExportedBlock, ExportedPerson, ExportedPrefs } from '@garam/store-sqlite/export-rows';
import { inLanes } from './in-lanes.ts';
import type { Migration } from './migration.ts';
import { rebaseSent, rebaseState, rebaseTimeline } from './rebase-offsets.ts';

/** Rows that are written one by one: so many on their way. */
const LANES = 64;

/**
 * Brings over what no event tells: the sequencer's memory, marks, preferences, people, standings and blocks, each cell with
 * the time of its last write. States come after the rows they name.
 */
export async function copyRows(migration: Migration): Promise<void> {
  const { source, target, patiently } = migration;
  const { sequencer, writes, users } = target.store;
  const { rows } = source;
  await copyPages(migration, 'answers to repeated sends', rows.sent(), (page) =>
    sequencer.saveSent(page.map(({ chat, entry }) => ({ chat, entry: rebaseSent(entry) }))),
  );
  await copyPages(migration, 'memberships as the sequencer knows them', rows.timelines(), (page) =>
    sequencer.saveMembers(page.map((row) => ({ ...row, timeline: rebaseTimeline(row.timeline) }))),
  );
  await copyPages(migration, 'states of chats', rows.states(), (page) =>
    sequencer.saveChats(page.map(({ state }) => ({ state: rebaseState(state), logId: target.log.id }))),
  );
  await copyPages(migration, 'marks', rows.marks(), (page) => writes.raiseMarks(page));
  await copyPages(migration, 'preferences', rows.prefs(), (page) =>
    inLanes(page, LANES, ({ user, chat, prefs, at }: ExportedPrefs) =>
      patiently('writing preferences', () => users.putPrefs(user, chat, prefs, at)),
    ),
  );
  await copyPages(migration, 'people', rows.people(), (page) =>
    inLanes(page, LANES, (person: ExportedPerson) => copyPerson(migration, person)),
  );
  await copyPages(migration, 'blocks', rows.blocks(), (page) =>
    inLanes(page, LANES, ({ user, other, on, at }: ExportedBlock) =>
      patiently('writing blocks', () => users.block(user, other, on, at)),
    ),
  );
}

async function copyPages<T>(
  { patiently, progress }: Migration,
  what: string,
  pages: Iterable<T[]>,
  write: (page: T[]) => Promise<void>,
): Promise<void> {
  const step = progress.step(what);
  for (const page of pages) {
    if (page.length > 0) await patiently(`writing ${what}`, () => write(page));
    step.add(page.length);
  }
  step.done();
}

async function copyPerson({ target, patiently }: Migration, person: ExportedPerson): Promise<void> {
  const { user, profile, lastSeenAt, standing } = person;
  const { users } = target.store;
  if (profile !== undefined) await patiently('writing people', () => users.putProfile(profile));
  if (lastSeenAt !== undefined) await patiently('writing people', () => users.touch(user, lastSeenAt));
  for (const { change, at } of standing) await patiently('writing people', () => users.putStanding(user, change, at));
}
