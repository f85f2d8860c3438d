import type { EventRecord } from '@garam/contracts/event-record';

export interface UserChange {
  user: string;
  kind: 'added' | 'removed';
}

/** Users for whom a chat appears or disappears with this event. */
export function membershipChanges({ body }: EventRecord): UserChange[] {
  switch (body.type) {
    case 'chat.created':
      return body.members.map(({ user }) => ({ user, kind: 'added' }));
    case 'member.added':
      return body.users.map((user) => ({ user, kind: 'added' }));
    case 'member.removed':
      return [{ user: body.user, kind: 'removed' }];
    default:
      return [];
  }
}
