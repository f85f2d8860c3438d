import { Refusal } from '@garam/protocol/errors';
import type { Recent } from '@garam/bus/bus';
import type { Clock } from '@garam/runtime/clock';
import { StoreError } from '@garam/store/store';
import type { UserStore } from '@garam/store/user-store';
import type { ViewReads } from '@garam/store/view-reads';
import { createCoalescer } from './coalesce-reads.ts';
import { createDirectPeers } from './direct-peers.ts';
import { createAcquaintances } from './find-acquaintances.ts';
import { getMessages } from './get-messages.ts';
import { listChats } from './list-chats.ts';
import { listMembers } from './list-members.ts';
import { nameUsers } from './name-users.ts';
import { createPersistedHeads } from './persisted-heads.ts';
import { createAccessReader } from './read-access.ts';
import { readEvents } from './read-events.ts';
import { readHistory } from './read-history.ts';
import { createMarkReader, type MarkReader } from './read-marks.ts';
import { summarizeChats } from './summarize-chats.ts';
import { createSync } from './sync-chat.ts';
import { toWireHead } from './to-wire-head.ts';
import type { ViewSources } from './view-sources.ts';
import type { Access, EventPage, KnownChats, Views } from './views.ts';

export interface ViewsDeps {
  reads: ViewReads;
  users: UserStore;
  /** Only asked for heads and membership changes; may fail at any time. */
  recent: Recent;
  clock: Clock;
}

export interface ViewsOptions {
  /** How long to wait for the persister before `unavailable`. */
  persistedWaitMs?: number;
  /** Members above which a chat is big. */
  bigChat?: number;
}

const PROFILES_BYTES = 250_000;
const NOTHING_KNOWN: KnownChats = { atLeastRev: () => 0, live: () => [] };

export function createViews(deps: ViewsDeps, options: ViewsOptions = {}): Views {
  const sources = createSources(deps, options);
  const marks = createMarkReader(sources);
  return {
    chatsList: guarded((viewer, fields, known = NOTHING_KNOWN) => listChats(sources, viewer, { fields, known })),
    chat: guarded(async (viewer, chat, atLeastRev = 0) => {
      const access = await sources.access.read(viewer, chat, atLeastRev);
      const [summary] = await summarizeChats(sources, viewer, [access]);
      await sources.access.confirm(viewer, access);
      return summary!;
    }),
    membersList: guarded((viewer, fields, atLeastRev = 0) => listMembers(sources, viewer, { fields, atLeastRev })),
    history: guarded((viewer, fields, atLeastRev = 0) => readHistory(sources, viewer, fields, atLeastRev)),
    sync: guardedSync(createSync(sources)),
    messagesGet: guarded((viewer, fields, atLeastRev = 0) => getMessages(sources, viewer, { fields, atLeastRev })),
    usersGet: guarded(async ({ users }) => ({ users: await nameUsers(deps.users, users, PROFILES_BYTES) })),
    view: guarded((viewer, fields) => readView(sources, marks, { viewer, ...fields })),
    marks: guarded((chat) => marks.marks(chat)),
    access: guarded((viewer, chat, atLeastRev = 0) => readAccess(sources, { viewer, chat, atLeastRev })),
    acquaintances: guarded(createAcquaintances(sources)),
    eventsAfter: guarded((chat, cursor, page) => readEventsAfter(sources, { chat, cursor, ...page })),
  };
}

function createSources(deps: ViewsDeps, options: ViewsOptions): ViewSources {
  const heads = createPersistedHeads(deps, { waitMs: options.persistedWaitMs ?? 2_000 });
  return {
    ...deps,
    heads,
    access: createAccessReader({ reads: deps.reads, recent: deps.recent, heads }),
    peers: createDirectPeers(deps),
    coalescer: createCoalescer(),
    bigChat: options.bigChat ?? 100,
  };
}

/** A store out of reach is `unavailable`; anything else unexpected stays what it is. */
function guarded<A extends unknown[], R>(work: (...args: A) => Promise<R>): (...args: A) => Promise<R> {
  return (...args) =>
    work(...args).catch((error: unknown) => {
      throw error instanceof StoreError
        ? new Refusal('unavailable', { message: 'The store is out of reach.', retryAfterMs: 500 })
        : error;
    });
}

function guardedSync(sync: ReturnType<typeof createSync>): Views['sync'] {
  const run = guarded(sync);
  return (viewer, fields, atLeastRev = 0) => run(viewer, fields, atLeastRev);
}

async function readView(
  sources: ViewSources,
  marks: MarkReader,
  { viewer, chat, from, to }: { viewer: string; chat: string; from?: number; to?: number },
): ReturnType<Views['view']> {
  const { head, visibleFrom } = await sources.access.read(viewer, chat, 0);
  if (head.memberCount <= sources.bigChat) return { marks: await marks.marks(chat) };
  if (from === undefined || to === undefined) return { unreadBy: [] };
  return { unreadBy: await marks.unreadBy(chat, Math.max(from, visibleFrom), Math.min(to, head.seq)) };
}

async function readAccess(
  sources: ViewSources,
  { viewer, chat, atLeastRev }: { viewer: string; chat: string; atLeastRev: number },
): Promise<Access> {
  const { head, membership, role, visibleFrom, visibleFromRev } = await sources.access.read(viewer, chat, atLeastRev);
  const { read = 0, delivered = 0 } = membership ?? {};
  return { head: toWireHead(head), role, visibleFrom, visibleFromRev, read, delivered, memberCount: head.memberCount };
}

async function readEventsAfter(
  { reads, heads }: ViewSources,
  page: { chat: string; cursor: { seq: number; rev: number }; limit: number; atLeastRev: number },
): Promise<EventPage> {
  const head = await heads.atLeast(page.chat, page.atLeastRev);
  if (head === null) throw new Refusal('not_found');
  const events = await readEvents(reads, { chat: page.chat, after: page.cursor, head, limit: page.limit });
  if (events === undefined)
    throw new Refusal('unavailable', { message: 'The changes are not dense.', retryAfterMs: 500 });
  const lastRev = events.at(-1)?.wire.rev ?? page.cursor.rev;
  return { events, head: toWireHead(head), more: lastRev < head.rev };
}
