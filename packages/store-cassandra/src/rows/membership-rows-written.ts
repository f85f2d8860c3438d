import type { MarkRow, MembershipRow } from '@garam/store/view-writes';
import type { Prefs } from '@garam/store/user-store';
import { putInto, type Put } from '../client/put.ts';

/** Of a membership there are two rows, in the user's list and in the chat's roster, with the same cells. */
interface Both {
  byChat: string;
  byUser: string;
}

function intoBoth(cells: readonly string[]): Both {
  const key = ['chat', 'user'];
  return {
    byChat: putInto('memberships_by_chat', { key, cells }),
    byUser: putInto('memberships_by_user', { key, cells }),
  };
}

const MEMBERSHIP = intoBoth(['role', 'rev', 'visible_from', 'visible_from_rev', 'joined_at', 'left_at_seq']);
const PREFS = intoBoth(['muted', 'pinned', 'hidden_through_seq']);
const MARKS = intoBoth(['delivered', 'read']);

function both({ byChat, byUser }: Both, chat: string, user: string, values: readonly unknown[]): Put[] {
  const params = [chat, user, ...values];
  return [
    { cql: byUser, params, partition: `memberships_by_user ${user}` },
    { cql: byChat, params, partition: `memberships_by_chat ${chat}` },
  ];
}

/** An ended membership has the role '': null would be a tombstone. */
export function membershipPuts(row: MembershipRow): Put[] {
  const { chat, user, role, rev, visibleFrom, visibleFromRev, joinedAt, leftAtSeq, clock } = row;
  return both(MEMBERSHIP, chat, user, [role ?? '', rev, visibleFrom, visibleFromRev, joinedAt, leftAtSeq, clock]);
}

export function prefsPuts(user: string, chat: string, prefs: Prefs, at: number): Put[] {
  return both(PREFS, chat, user, [prefs.muted, prefs.pinned, prefs.hiddenThroughSeq, at * 1000]);
}

/** Each mark has itself as time: the highest ever written stands. */
export function markPuts({ chat, user, delivered, read }: MarkRow): Put[] {
  if (delivered <= read) return both(MARKS, chat, user, [read, read, read]);
  return [
    ...both(MARKS, chat, user, [delivered, undefined, delivered]),
    ...both(MARKS, chat, user, [undefined, read, read]),
  ];
}
