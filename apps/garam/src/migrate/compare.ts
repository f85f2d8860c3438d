import type { SentRow } from '@garam/store/sequencer-store';
import type { StoredMembership, ViewReads } from '@garam/store/view-reads';
import { Comparison } from './comparison.ts';
import type { EventTally } from './event-tally.ts';
import { inLanes } from './in-lanes.ts';
import type { Migration } from './migration.ts';
import { countEvents, tallyEvents } from './read-events.ts';
import { rebaseSent, rebaseState, rebaseTimeline } from './rebase-offsets.ts';
import type { RowsSeen } from './row-digest.ts';
import { viewOfChat, type ChatView } from './view-of-chat.ts';

/** Reads on their way. */
const LANES = 32;
const ROWS: (keyof ChatView)[] = ['messages', 'reactions', 'changes', 'notices', 'members', 'marks'];

/**
 * Reads everything back, on both sides, through the ports that the services use, and compares it.
 * @param copied the events as they were read from the old log
 */
export async function compare(migration: Migration, copied: EventTally): Promise<Comparison> {
  const comparison = new Comparison();
  await compareEvents(migration, copied, comparison);
  await compareChats(migration, comparison);
  await compareMembers(migration, comparison);
  await comparePeople(migration, comparison);
  await compareSequencer(migration, comparison);
  return comparison;
}

async function compareEvents({ target, patiently, progress }: Migration, copied: EventTally, found: Comparison) {
  const step = progress.step('comparing events', await countEvents(target.log));
  const tally = await tallyEvents(target.log, { where: 'the new log', patiently, step });
  for (const chat of new Set([...copied.chats.keys(), ...tally.chats.keys()])) {
    const sides = { old: copied.chats.get(chat), new: tally.chats.get(chat) };
    found.add('events', `chat ${chat}`, { ...sides, counts: { old: sides.old?.rev ?? 0, new: sides.new?.rev ?? 0 } });
  }
  step.done();
}

async function compareChats({ source, target, patiently, progress }: Migration, found: Comparison): Promise<void> {
  const step = progress.step('comparing chats');
  const view = (reads: ViewReads, chat: string) => patiently('reading a chat', () => viewOfChat(reads, chat));
  for (const states of source.rows.states()) {
    await inLanes(states, LANES, async ({ state: { chat } }) => {
      const sides = { old: await view(source.store.reads, chat), new: await view(target.store.reads, chat) };
      found.add('heads', `chat ${chat}`, { old: sides.old.head, new: sides.new.head });
      for (const kind of ROWS) {
        const [before, after] = [sides.old[kind] as RowsSeen, sides.new[kind] as RowsSeen];
        const counts = { old: before.count, new: after.count };
        found.add(kind, `chat ${chat}`, { old: before, new: after, counts });
      }
      step.add(1);
    });
  }
  step.done();
}

/** Memberships as each user sees them, former ones too, with marks and preferences. */
async function compareMembers({ source, target, patiently, progress }: Migration, found: Comparison): Promise<void> {
  const step = progress.step('comparing chat lists');
  const chatsOf = async (reads: ViewReads, user: string) =>
    (await patiently('reading a chat list', () => reads.chatsOf(user))).toSorted(byChat);
  for (const users of source.rows.members()) {
    await inLanes(users, LANES, async (user) => {
      found.add('chat lists', `user ${user}`, {
        old: await chatsOf(source.store.reads, user),
        new: await chatsOf(target.store.reads, user),
      });
      step.add(1);
    });
  }
  step.done();
}

function byChat(one: StoredMembership, other: StoredMembership): number {
  return one.chat < other.chat ? -1 : 1;
}

async function comparePeople({ source, target, patiently, progress }: Migration, found: Comparison): Promise<void> {
  const step = progress.step('comparing people and blocks');
  const [before, after] = [source.store.users, target.store.users];
  for (const people of source.rows.people()) {
    await inLanes(people, LANES, async ({ user }) => {
      const read = async (users: typeof before) => ({
        profile: (await users.profiles([user]))[0],
        standing: await users.standing(user),
      });
      const sides = { old: await read(before), new: await patiently('reading people', () => read(after)) };
      found.add('people', `user ${user}`, sides);
      step.add(1);
    });
  }
  for (const blocks of source.rows.blocks()) {
    await inLanes(blocks, LANES, async ({ user, other }) => {
      const old = await before.hasBlocked(user, other);
      const now = await patiently('reading blocks', () => after.hasBlocked(user, other));
      found.add('blocks', `user ${user}`, { old, new: now });
      step.add(1);
    });
  }
  step.done();
}

/** What the sequencer will load: the old rows, moved below offset zero. */
async function compareSequencer({ source, target, patiently, progress }: Migration, found: Comparison): Promise<void> {
  const step = progress.step('comparing what the sequencer knows');
  const { sequencer } = target.store;
  for (const states of source.rows.states()) {
    await inLanes(states, LANES, async ({ state }) => {
      const saved = await patiently('reading states', () => sequencer.loadChat(state.chat));
      found.add('states', `chat ${state.chat}`, {
        old: { state: rebaseState(state), logId: target.log.id },
        new: saved ?? undefined,
      });
    });
    step.add(states.length);
  }
  for (const rows of source.rows.timelines()) {
    await inLanes(rows, LANES, async ({ chat, timeline }) => {
      const [saved] = await patiently('reading members', () => sequencer.loadMembers(chat, [timeline.user]));
      found.add('timelines', `${timeline.user} in chat ${chat}`, { old: rebaseTimeline(timeline), new: saved });
    });
    step.add(rows.length);
  }
  for (const rows of source.rows.sent()) {
    await inLanes(rows, LANES, async (row) => compareSent(migrationReads(patiently, sequencer), row, found));
    step.add(rows.length);
  }
  step.done();
}

type LoadSent = (row: SentRow) => Promise<SentRow['entry'][]>;

function migrationReads(
  patiently: Migration['patiently'],
  sequencer: Migration['target']['store']['sequencer'],
): LoadSent {
  return ({ chat, entry: { actor, clientId } }) =>
    patiently('reading sent entries', () => sequencer.loadSent(chat, actor, clientId));
}

async function compareSent(load: LoadSent, row: SentRow, found: Comparison): Promise<void> {
  const old = rebaseSent(row.entry);
  const saved = (await load(row)).find(({ offset }) => offset === old.offset);
  found.add('sent entries', `${row.entry.actor} in chat ${row.chat}`, { old, new: saved });
}
