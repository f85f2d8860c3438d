import { SERVICE_PREFIX } from '@garam/protocol/fields';
import type { Role } from '@garam/contracts/chat-values';
import type { StoredHead, StoredMembership } from '@garam/store/view-reads';

/** What a viewer may see of a chat, as of a persisted head. */
export interface ChatAccess {
  head: StoredHead;
  /** The viewer's membership; null for a service acting as itself. */
  membership: StoredMembership | null;
  role: Role;
  /** First visible seq. */
  visibleFrom: number;
  /** First visible rev. */
  visibleFromRev: number;
}

/**
 * The one place that decides what may be seen. `membership` must have been read after `head`: rows of membership are
 * written before those of later events, so a present member as of then may see everything up to that head.
 * undefined: there is no such chat for this viewer; former members see nothing.
 */
export function decideAccess(
  viewer: string,
  head: StoredHead | null,
  membership: StoredMembership | null,
): ChatAccess | undefined {
  if (head === null) return undefined;
  if (isService(viewer)) return { head, membership: null, role: 'admin', visibleFrom: 1, visibleFromRev: 1 };
  if (membership === null || membership.role === null) return undefined;
  const { role, visibleFrom, visibleFromRev } = membership;
  return { head, membership, role, visibleFrom, visibleFromRev };
}

export function isService(viewer: string): boolean {
  return viewer.startsWith(SERVICE_PREFIX);
}
