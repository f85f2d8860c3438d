import type { EventRecord } from '@garam/contracts/event-record';
import type { StoredMembership, StoredReaction, ViewReads } from '@garam/store/view-reads';
import type { Access, Query, Row } from '../client/access.ts';
import { inLanes } from '../client/in-lanes.ts';
import { bucketOf, noticeBucketOf, readBuckets } from './buckets.ts';
import { numberOf } from './cell-values.ts';
import { eventOf, headOf, markOf, membershipOf, messageOf } from './row-shapes.ts';

const HEAD = 'SELECT * FROM chat_heads WHERE chat = ?';
const CHATS_OF = 'SELECT * FROM memberships_by_user WHERE user = ?';
const MEMBERSHIP = 'SELECT * FROM memberships_by_user WHERE user = ? AND chat = ?';
const MEMBERS = 'SELECT * FROM memberships_by_chat WHERE chat = ? AND user > ? LIMIT ?';
const ALL_MARKS = 'SELECT user, delivered, read FROM memberships_by_chat WHERE chat = ?';
const MARKS = `${ALL_MARKS} AND user IN ?`;
const MESSAGES = 'SELECT * FROM messages WHERE chat = ? AND bucket = ? AND seq >= ? AND seq <= ? ORDER BY seq ASC';
const MESSAGES_AT = 'SELECT * FROM messages WHERE chat = ? AND bucket = ? AND seq IN ?';
const REACTIONS = `SELECT seq, emoji, user, is_on, writetime(is_on) AS set_at FROM reactions
  WHERE chat = ? AND bucket = ? AND seq IN ?`;
const CHANGES = 'SELECT event FROM changes WHERE chat = ? AND bucket = ? AND rev > ? AND rev <= ? LIMIT ?';
const NOTICES = 'SELECT event FROM notices WHERE chat = ? AND bucket = ? AND rev >= ? AND rev <= ? LIMIT ?';

const LANES = 64;
/** Keys that one statement names. */
const NAMED_MAX = 100;
/** Rows of former members are skipped: not too few at a time. */
const ROSTER_ROWS_MIN = 100;

/** Reads of the edge: every statement names the partition it reads. */
export function viewRowsRead(access: Access): ViewReads {
  return {
    heads: (chats) =>
      access.read((query) => inLanes(chats, LANES, async (chat) => one(await query(HEAD, [chat]), headOf))),
    chatsOf: (user) =>
      access.read(async (query) => (await query(CHATS_OF, [user])).flatMap((row) => membershipOf(row) ?? [])),
    membership: (user, chat) => access.read(async (query) => one(await query(MEMBERSHIP, [user, chat]), membershipOf)),
    members: (chat, { afterUser = '', limit }) => access.read((query) => readMembers(query, chat, afterUser, limit)),
    marks: (chat, users) =>
      access.read(async (query) => {
        const rows =
          users === undefined
            ? await query(ALL_MARKS, [chat])
            : (await inLanes(chunks(users), LANES, (some) => query(MARKS, [chat, some]))).flat();
        return rows.flatMap((row) => markOf(row) ?? []);
      }),
    messages: (chat, fromSeq, throughSeq) =>
      access.read(async (query) => {
        if (fromSeq > throughSeq) return [];
        const buckets = { from: bucketOf(fromSeq), through: bucketOf(throughSeq) };
        const rows = await readBuckets(buckets, Infinity, (bucket) =>
          query(MESSAGES, [chat, bucket, fromSeq, throughSeq]),
        );
        return rows.flatMap((row) => messageOf(row) ?? []);
      }),
    messagesAt: (chat, seqs) =>
      access.read(async (query) =>
        (await readAt(query, MESSAGES_AT, chat, seqs)).flatMap((row) => messageOf(row) ?? []),
      ),
    reactions: (chat, seqs) => access.read(async (query) => reactionsOf(await readAt(query, REACTIONS, chat, seqs))),
    changes: (chat, afterRev, throughRev, limit) =>
      access.read((query) => {
        const buckets = { from: bucketOf(afterRev + 1), through: bucketOf(throughRev) };
        return readBuckets(buckets, limit, (bucket) =>
          readEvents(query, CHANGES, [chat, bucket, afterRev, throughRev, limit]),
        );
      }),
    notices: (chat, fromRev, throughRev, limit) =>
      access.read(async (query) => {
        const buckets = { from: noticeBucketOf(fromRev), through: noticeBucketOf(throughRev), newestFirst: true };
        const newestFirst = await readBuckets(buckets, limit, (bucket) =>
          readEvents(query, NOTICES, [chat, bucket, fromRev, throughRev, limit]),
        );
        return newestFirst.toReversed();
      }),
  };
}

function one<T>(rows: readonly Row[], shape: (row: Row) => T | null): T | null {
  const [row] = rows;
  return row === undefined ? null : shape(row);
}

async function readMembers(query: Query, chat: string, afterUser: string, limit: number): Promise<StoredMembership[]> {
  const present: StoredMembership[] = [];
  const rowsMax = Math.max(limit, ROSTER_ROWS_MIN);
  for (let after = afterUser; present.length < limit;) {
    const rows = await query(MEMBERS, [chat, after, rowsMax]);
    for (const row of rows) {
      const membership = membershipOf(row);
      if (membership !== null && membership.role !== null) present.push(membership);
    }
    if (rows.length < rowsMax) break;
    after = rows.at(-1)!['user'] as string;
  }
  return present.slice(0, limit);
}

/** Rows of the seqs named, from the partitions they are in. */
async function readAt(query: Query, cql: string, chat: string, seqs: readonly number[]): Promise<Row[]> {
  const byBucket = Map.groupBy(new Set(seqs), bucketOf);
  const parts = [...byBucket].flatMap(([bucket, own]) => chunks(own).map((some) => ({ bucket, some })));
  return (await inLanes(parts, LANES, ({ bucket, some }) => query(cql, [chat, bucket, some]))).flat();
}

async function readEvents(query: Query, cql: string, params: readonly unknown[]): Promise<EventRecord[]> {
  return (await query(cql, params)).map(eventOf);
}

/** Those that are on, oldest setting first. */
function reactionsOf(rows: readonly Row[]): StoredReaction[] {
  return rows
    .filter((row) => row['is_on'] === true)
    .map((row) => ({
      setAt: numberOf(row, 'set_at')!,
      reaction: { seq: numberOf(row, 'seq')!, emoji: row['emoji'] as string, user: row['user'] as string },
    }))
    .sort((a, b) => a.setAt - b.setAt || a.reaction.seq - b.reaction.seq)
    .map(({ reaction }) => reaction);
}

function chunks<T>(items: readonly T[]): T[][] {
  const parts: T[][] = [];
  for (let next = 0; next < items.length; next += NAMED_MAX) parts.push(items.slice(next, next + NAMED_MAX));
  return parts;
}
