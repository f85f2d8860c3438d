import { Refusal } from '@garam/protocol/errors';
import type { Recent } from '@garam/bus/bus';
import type { ViewReads } from '@garam/store/view-reads';
import { decideAccess, isService, type ChatAccess } from './decide-access.ts';
import type { PersistedHeads } from './persisted-heads.ts';

export interface AccessReader {
  /**
   * As of a persisted head ≥ `atLeastRev`. What looks absent is looked at again once the persister has reached the
   * newest rev known anywhere.
   * @throws Refusal `not_found` · `unavailable`
   */
  read(viewer: string, chat: string, atLeastRev: number): Promise<ChatAccess>;
  /** To be called after content has been read: throws `not_found` when the viewer has left meanwhile. */
  confirm(viewer: string, access: ChatAccess): Promise<void>;
  /** Newest rev the bus knows of the chat; 0 when it knows none or is out of reach. */
  knownRev(chat: string): Promise<number>;
}

export function createAccessReader(deps: {
  reads: Pick<ViewReads, 'membership'>;
  recent: Pick<Recent, 'heads'>;
  heads: PersistedHeads;
}): AccessReader {
  const { reads, recent, heads } = deps;

  /** Rows of membership are written before heads: where one is of a later rev, the view it opens begins above the head. */
  async function readOnce(viewer: string, chat: string, atLeastRev: number) {
    for (let wantedRev = atLeastRev; ;) {
      const head = await heads.atLeast(chat, wantedRev);
      const membership = isService(viewer) ? null : await reads.membership(viewer, chat);
      const rev = head?.rev ?? 0;
      if (membership === null || membership.role === null || membership.rev <= rev)
        return { rev, access: decideAccess(viewer, head, membership) };
      wantedRev = membership.rev;
    }
  }

  async function knownRev(chat: string): Promise<number> {
    try {
      return (await recent.heads([chat]))[0] ?? 0;
    } catch {
      return 0;
    }
  }

  return {
    knownRev,
    async read(viewer, chat, atLeastRev) {
      let { rev, access } = await readOnce(viewer, chat, atLeastRev);
      if (access !== undefined) return access;
      const known = await knownRev(chat);
      if (known > rev) ({ access } = await readOnce(viewer, chat, known));
      if (access === undefined) throw new Refusal('not_found');
      return access;
    },
    async confirm(viewer, access) {
      if (access.membership === null) return;
      const now = await reads.membership(viewer, access.head.chat);
      if (decideAccess(viewer, access.head, now) === undefined) throw new Refusal('not_found');
    },
  };
}
