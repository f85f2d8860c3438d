import type { Mark } from '@garam/protocol/entities';
import type { Clock } from '@garam/runtime/clock';
import type { StoredMembership, ViewReads } from '@garam/store/view-reads';
import { createBoundedMap } from './bounded-map.ts';
import type { Coalescer } from './coalesce-reads.ts';

export interface MarkReader {
  /** Marks of all present members: for chats that are not big. */
  marks(chat: string): Promise<Mark[]>;
  /** Per seq, how many members may see it and have not read it. */
  unreadBy(chat: string, from: number, to: number): Promise<[seq: number, count: number][]>;
}

const MEMBERS_PAGE = 1_000;
const SEQS_MAX = 200;
/** Counts are for the eye: members of a big chat are not read again more often than this. */
const TABLE_TTL_MS = 2_000;
const TABLES_MAX = 100;

interface Table {
  /** Per member the highest seq that does not count as unread, ascending: its read mark, or what lies before its view. */
  settled: Float64Array;
  readAt: number;
}

export function createMarkReader(deps: {
  reads: Pick<ViewReads, 'members'>;
  clock: Clock;
  coalescer: Coalescer;
}): MarkReader {
  const { reads, clock, coalescer } = deps;
  const tables = createBoundedMap<string, Table>(TABLES_MAX);

  async function allMembers(chat: string): Promise<StoredMembership[]> {
    const members: StoredMembership[] = [];
    for (let afterUser: string | undefined; ; afterUser = members.at(-1)!.user) {
      const page = await reads.members(chat, {
        ...(afterUser === undefined ? {} : { afterUser }),
        limit: MEMBERS_PAGE,
      });
      members.push(...page);
      if (page.length < MEMBERS_PAGE) return members;
    }
  }

  async function readTable(chat: string): Promise<Table> {
    const readAt = clock.monotonic();
    const members = await allMembers(chat);
    const settled = Float64Array.from(members, (member) => Math.max(member.read, member.visibleFrom - 1)).sort();
    const table = { settled, readAt };
    tables.set(chat, table);
    return table;
  }

  return {
    async marks(chat) {
      return (await allMembers(chat)).map(({ user, delivered, read }) => ({ user, delivered, read }));
    },
    async unreadBy(chat, from, to) {
      let table = tables.get(chat);
      if (table === undefined || clock.monotonic() - table.readAt > TABLE_TTL_MS)
        table = await coalescer.read(`${chat} unread-by`, () => readTable(chat));
      const counts: [seq: number, count: number][] = [];
      for (let seq = from; seq <= Math.min(to, from + SEQS_MAX - 1); seq++)
        counts.push([seq, countBelow(table.settled, seq)]);
      return counts;
    },
  };
}

/**
 * Members whose settled seq is below `seq`: those have it unread. Its author is not among them (a message moves its
 * author's mark), nor is anyone whose view begins later.
 */
function countBelow(ascending: Float64Array, seq: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}
