import type { Message, Summary, User } from '@garam/protocol/entities';
import { unreadCount } from '@garam/domain/marks';
import type { StoredHead, StoredMembership } from '@garam/store/view-reads';
import type { ChatAccess } from './decide-access.ts';
import { toWireHead } from './to-wire-head.ts';

/** What a Summary shows besides head and membership. */
export interface SummaryExtras {
  last?: Message;
  peer?: User;
}

export function buildSummary(access: ChatAccess, extras: SummaryExtras): Summary {
  const { head, membership, role, visibleFrom } = access;
  return {
    chat: head.chat,
    kind: head.kind,
    ...(head.title === undefined ? {} : { title: head.title }),
    ...(extras.peer === undefined ? {} : { peer: extras.peer }),
    ...(head.avatar === undefined ? {} : { avatar: head.avatar }),
    role,
    memberCount: head.memberCount,
    settings: head.settings,
    head: toWireHead(head),
    ...(extras.last === undefined ? {} : { last: extras.last }),
    visibleFrom,
    read: membership?.read ?? 0,
    delivered: membership?.delivered ?? 0,
    unread: unreadCount(head.seq, membership?.read ?? 0, visibleFrom),
    muted: membership?.muted ?? false,
    pinned: membership?.pinned ?? false,
    hidden: membership !== null && isHidden(head, membership),
  };
}

/** Hidden until the next message. */
export function isHidden(
  head: Pick<StoredHead, 'seq'>,
  membership: Pick<StoredMembership, 'hiddenThroughSeq'>,
): boolean {
  const through = membership.hiddenThroughSeq ?? 0;
  return through > 0 && through >= head.seq;
}
