import type { HeadRow } from '@garam/store/view-writes';

/**
 * Merges a later head of the same chat into the batch's row: fields present replace, the rest stays. Records of a
 * chat may repeat in the log (two owners of a partition for a moment), so an older head never replaces a newer one.
 */
export function mergeHead(heads: Map<string, HeadRow>, next: HeadRow): void {
  const head = heads.get(next.chat);
  if (head === undefined) heads.set(next.chat, next);
  else if (next.rev > head.rev) Object.assign(head, next);
}
