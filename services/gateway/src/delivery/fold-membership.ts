import type { EventRecord } from '@garam/contracts/event-record';
import type { StoredMembership } from '@garam/store/view-reads';

/** What a stored membership row says, as far as delivery needs it. */
export interface MembershipAt {
  /** Rev of the newest membership event folded in; 0: none. */
  rev: number;
  isMember: boolean;
  /** First rev the member may see. */
  viewRev: number;
}

export const NO_MEMBERSHIP: MembershipAt = { rev: 0, isMember: false, viewRev: 0 };

export function membershipAt(row: StoredMembership | null | undefined): MembershipAt {
  if (row === null || row === undefined) return NO_MEMBERSHIP;
  return { rev: row.rev, isMember: row.role !== null, viewRev: row.visibleFromRev };
}

/**
 * Membership after `events`, given the row. Events already in the row (rev ≤ its rev) change nothing, so the row may be
 * newer than the point from which the events were kept.
 */
export function foldMembership(row: MembershipAt, user: string, events: readonly EventRecord[]): MembershipAt {
  let result = row;
  for (const event of events) if (event.rev > result.rev) result = applyMembership(result, user, event);
  return result;
}

export function changesMembership(event: EventRecord): boolean {
  const { type } = event.body;
  return type === 'member.added' || type === 'member.removed' || type === 'chat.created';
}

/** Users who become members with this event. */
export function usersAdded(event: EventRecord): readonly string[] {
  if (event.body.type === 'member.added') return event.body.users;
  if (event.body.type === 'chat.created') return event.body.members.map((member) => member.user);
  return [];
}

function applyMembership(row: MembershipAt, user: string, event: EventRecord): MembershipAt {
  const { body, rev } = event;
  if (body.type === 'member.removed') return body.user === user ? { rev, isMember: false, viewRev: 0 } : row;
  if (!usersAdded(event).includes(user)) return row;
  return { rev, isMember: true, viewRev: body.type === 'member.added' ? body.viewRev : 1 };
}
