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

  async function readOnce(viewer: string, chat: string, atLeastRev: number) {
    const head = await heads.atLeast(chat, atLeastRev);
    const membership = isService(viewer) ? null : await reads.membership(viewer, chat);
    return { rev: head?.rev ?? 0, access: decideAccess(viewer, head, membership) };
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
