import type { CommandFields } from '@garam/protocol/commands';
import type { Summary } from '@garam/protocol/entities';
import { Refusal } from '@garam/protocol/errors';
import type { OkFields } from '@garam/protocol/replies';
import { unreadCount } from '@garam/domain/marks';
import type { MembershipChange } from '@garam/bus/bus';
import type { StoredHead, StoredMembership } from '@garam/store/view-reads';
import { decideAccess, type ChatAccess } from './decide-access.ts';
import { mapBounded } from './map-bounded.ts';
import { nameUsers } from './name-users.ts';
import { decodePageCursor, encodePageCursor } from './page-cursor.ts';
import { countFitting } from './page-size.ts';
import { summarizeChats } from './summarize-chats.ts';
import type { ViewSources } from './view-sources.ts';
import type { KnownChats } from './views.ts';

const LIMIT_DEFAULT = 50;
const CHATS_BYTES = 210_000;
const READS_AT_ONCE = 16;

/** Place of a chat in the list: pinned first, then the newest message or joining, then the id. */
interface Place {
  pinned: boolean;
  at: number;
  chat: string;
}

/**
 * A page of the viewer's chats, hidden ones too: a client takes a cached chat that is not in the list for gone. Chats
 * the viewer joined or left a moment ago are waited for, for the same reason.
 */
export async function listChats(
  sources: ViewSources,
  viewer: string,
  { fields, known }: { fields: CommandFields<'chats.list'>; known: KnownChats },
): Promise<OkFields['chats.list']> {
  const after = fields.cursor === undefined ? undefined : placeOf(fields.cursor);
  const visible = await readVisible(sources, viewer, known);
  const sorted = visible
    .map((access) => ({ access, place: placeIn(access) }))
    .filter(({ place }) => after === undefined || comparePlaces(place, after) > 0)
    .sort((a, b) => comparePlaces(a.place, b.place));
  const page = sorted.slice(0, fields.limit ?? LIMIT_DEFAULT);
  const summaries = await summarizeChats(
    sources,
    viewer,
    page.map(({ access }) => access),
  );
  const chats = summaries.slice(0, countFitting(summaries, CHATS_BYTES));
  const last = page[chats.length - 1];
  const unread = visible.reduce(
    (sum, { head, membership, visibleFrom }) => sum + unreadCount(head.seq, membership?.read ?? 0, visibleFrom),
    0,
  );
  return {
    chats,
    ...(last === undefined || chats.length === sorted.length ? {} : { next: encodePageCursor(keyOf(last.place)) }),
    unreadTotal: unread,
    users: await nameUsers(sources.users, namedIn(chats)),
  };
}

/** All chats of the viewer. Heads are read before memberships: see `decideAccess`. */
async function readVisible(
  sources: ViewSources,
  viewer: string,
  { atLeastRev, live }: KnownChats,
): Promise<ChatAccess[]> {
  const { reads, heads } = sources;
  const changes = await recentChanges(sources, viewer);
  const chats = new Set([...(await reads.chatsOf(viewer)).map((row) => row.chat), ...changes.keys(), ...live()]);
  const known = new Map<string, StoredHead | null>();
  const ids = [...chats];
  for (const [index, head] of (await reads.heads(ids)).entries()) known.set(ids[index]!, head);
  const floor = (chat: string) => Math.max(atLeastRev(chat), changes.get(chat) ?? 0);
  const behind = ids.filter((chat) => (known.get(chat)?.rev ?? 0) < floor(chat));
  await mapBounded(behind, READS_AT_ONCE, async (chat) => known.set(chat, await heads.atLeast(chat, floor(chat))));
  const found = await mapBounded(await reads.chatsOf(viewer), READS_AT_ONCE, (membership) => {
    const head = known.get(membership.chat) ?? null;
    const isAhead = membership.role !== null && membership.rev > (head?.rev ?? 0);
    return isAhead ? readAgain(sources, membership) : Promise.resolve(decideAccess(viewer, head, membership));
  });
  return found.flatMap((access) => (access?.membership ? [access] : []));
}

/** The row of a membership stands before its head does: both are read again, the head first. undefined: gone meanwhile. */
function readAgain({ access }: ViewSources, { user, chat, rev }: StoredMembership): Promise<ChatAccess | undefined> {
  return access.read(user, chat, rev).catch((error: unknown) => {
    if (error instanceof Refusal && error.wire.name === 'not_found') return undefined;
    throw error;
  });
}

/** The newest membership event per chat that the bus knows of the viewer; none when it is out of reach. */
async function recentChanges({ recent }: ViewSources, viewer: string): Promise<Map<string, number>> {
  const revs = new Map<string, number>();
  const changes = await recent.forUser(viewer).catch((): MembershipChange[] => []);
  for (const { chat, rev } of changes) revs.set(chat, Math.max(rev, revs.get(chat) ?? 0));
  return revs;
}

function placeIn({ head, membership, visibleFrom }: ChatAccess): Place {
  const joinedAt = membership?.joinedAt ?? 0;
  return {
    pinned: membership?.pinned ?? false,
    at: head.seq >= visibleFrom ? Math.max(head.at, joinedAt) : joinedAt,
    chat: head.chat,
  };
}

function comparePlaces(a: Place, b: Place): number {
  if (a.pinned !== b.pinned) return a.pinned ? -1 : 1;
  if (a.at !== b.at) return b.at - a.at;
  return a.chat < b.chat ? -1 : a.chat > b.chat ? 1 : 0;
}

const keyOf = ({ pinned, at, chat }: Place) => [pinned, at, chat];

function placeOf(cursor: string): Place {
  const [pinned, at, chat] = decodePageCursor(cursor, ['boolean', 'number', 'string']) as [boolean, number, string];
  return { pinned, at, chat };
}

function* namedIn(chats: readonly Summary[]): Generator<string> {
  for (const { last, peer } of chats) {
    if (peer !== undefined) yield peer.id;
    if (last !== undefined) yield last.by;
  }
}
