import type { Head } from '@garam/protocol/entities';
import type { StoredHead } from '@garam/store/view-reads';

export function toWireHead(head: StoredHead): Head {
  return { seq: head.seq, rev: head.rev, at: head.at };
}
