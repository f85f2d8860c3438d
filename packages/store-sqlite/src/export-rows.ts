import type { ChatState, TimelineEntry, SentEntry } from '@garam/domain/chat-state';
import type { SqliteFile } from '@garam/sqlite/sqlite-file';
import type { MemberRow, SavedChat, SentRow } from '@garam/store/sequencer-store';
import type { Prefs, Profile, Standing } from '@garam/store/user-store';
import type { MarkRow } from '@garam/store/view-writes';
import { accessTo, fromJson, type Access, type Row } from './access.ts';
import type { SqlValue } from './sql-value.ts';

/**
 * Everything in the file that no event tells, for a copy of the whole store: page by page, each cell with the time of its
 * last write. Rows written meanwhile may be missed.
 */
export interface StoreExport {
  states(): Iterable<SavedChat[]>;
  timelines(): Iterable<MemberRow[]>;
  /** In the order they were saved. */
  sent(): Iterable<SentRow[]>;
  marks(): Iterable<MarkRow[]>;
  prefs(): Iterable<ExportedPrefs[]>;
  people(): Iterable<ExportedPerson[]>;
  blocks(): Iterable<ExportedBlock[]>;
  /** Users who are or were members of a chat, each once. */
  members(): Iterable<string[]>;
}

/** Preferences of one chat that were written at the same time. */
export interface ExportedPrefs {
  user: string;
  chat: string;
  prefs: Prefs;
  at: number;
}

export interface ExportedPerson {
  user: string;
  profile?: Profile;
  lastSeenAt?: number;
  /** What was written at the same time, together. */
  standing: { change: Partial<Standing>; at: number }[];
}

export interface ExportedBlock {
  user: string;
  other: string;
  on: boolean;
  at: number;
}

const ROWS = 500;

/** Reads the tables of `createSqliteStore`, which has to be open on the file. */
export function exportRows(file: SqliteFile): StoreExport {
  const access = accessTo(file);
  return {
    states: () => pages(access, { from: 'chat_state', key: ['chat'] }, stateOf),
    timelines: () => pages(access, { from: 'chat_members', key: ['chat', 'user'] }, timelineOf),
    sent: () => pages(access, { columns: 'rowid, chat, entry', from: 'sent_ids', key: ['rowid'] }, sentOf),
    marks: () => pages(access, { from: 'read_marks', key: ['chat', 'user'] }, markOf),
    prefs: () => pages(access, { from: 'prefs', key: ['user', 'chat'] }, prefsOf),
    people: () => pages(access, { from: 'users', key: ['user'] }, personOf),
    blocks: () => pages(access, { from: 'blocks', key: ['user', 'other'] }, blockOf),
    members: () =>
      pages(access, { columns: 'DISTINCT user', from: 'memberships', key: ['user'] }, (row) => [row['user'] as string]),
  };
}

interface Listing {
  columns?: string;
  from: string;
  /** Unique among the rows, and in the order of an index. */
  key: readonly string[];
}

function* pages<T>(access: Access, { columns = '*', from, key }: Listing, shape: (row: Row) => T[]): Generator<T[]> {
  const names = key.join(', ');
  const order = `ORDER BY ${names} LIMIT ${ROWS}`;
  const next = `SELECT ${columns} FROM ${from} WHERE (${names}) > (${key.map(() => '?').join(', ')}) ${order}`;
  let rows = access.all(`SELECT ${columns} FROM ${from} ${order}`);
  while (rows.length > 0) {
    yield rows.flatMap(shape);
    const last = rows.at(-1)!;
    if (rows.length < ROWS) return;
    rows = access.all(next, ...key.map((name) => last[name] as SqlValue));
  }
}

function stateOf(row: Row): SavedChat[] {
  return [{ state: fromJson(row['state']) as ChatState, logId: row['log_id'] as string }];
}

function timelineOf(row: Row): MemberRow[] {
  const entries = fromJson(row['entries']) as TimelineEntry[];
  const timeline = { user: row['user'] as string, entries, trimmed: row['trimmed'] === 1 };
  return [{ chat: row['chat'] as string, timeline, clock: row['clock'] as number }];
}

function sentOf(row: Row): SentRow[] {
  return [{ chat: row['chat'] as string, entry: fromJson(row['entry']) as SentEntry }];
}

function markOf(row: Row): MarkRow[] {
  const { chat, user, delivered, read } = row as unknown as MarkRow;
  return [{ chat, user, delivered, read }];
}

function prefsOf(row: Row): ExportedPrefs[] {
  const [user, chat] = [row['user'] as string, row['chat'] as string];
  return byTime<Prefs>([
    { at: row['muted_clock'], cell: { muted: row['muted'] === 1 } },
    { at: row['pinned_clock'], cell: { pinned: row['pinned'] === 1 } },
    { at: row['hidden_clock'], cell: { hiddenThroughSeq: row['hidden_through_seq'] as number } },
  ]).map(({ change, at }) => ({ user, chat, prefs: change, at }));
}

function personOf(row: Row): ExportedPerson[] {
  const user = row['user'] as string;
  const person: ExportedPerson = {
    user,
    standing: byTime<Partial<Standing>>([
      { at: row['banned_clock'], cell: { banned: row['banned'] === 1 } },
      { at: row['silenced_clock'], cell: { silencedUntil: row['silenced_until'] as number } },
      { at: row['revoked_clock'], cell: { revokedBefore: row['revoked_before'] as number } },
    ]),
  };
  if (row['last_seen_at'] !== null) person.lastSeenAt = row['last_seen_at'] as number;
  if (row['name'] !== null) {
    const avatar = row['avatar'] === null ? {} : { avatar: row['avatar'] as string };
    person.profile = { user, name: row['name'] as string, ...avatar, at: row['at'] as number };
  }
  return [person];
}

function blockOf(row: Row): ExportedBlock[] {
  const [user, other] = [row['user'] as string, row['other'] as string];
  return [{ user, other, on: row['is_on'] === 1, at: row['clock'] as number }];
}

/** Cells that were ever written, those of the same time together. */
function byTime<T extends object>(cells: { at: SqlValue | undefined; cell: T }[]): { change: T; at: number }[] {
  const written = cells.filter(({ at }) => (at as number) >= 0);
  const times = Map.groupBy(written, ({ at }) => at as number);
  return [...times].map(([at, same]) => ({ change: Object.assign({}, ...same.map(({ cell }) => cell)) as T, at }));
}
