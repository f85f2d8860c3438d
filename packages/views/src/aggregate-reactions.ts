import type { Reaction } from '@garam/protocol/entities';
import type { StoredReaction } from '@garam/store/view-reads';

/** Users listed by name; above, only their number. */
const USERS_LISTED_MAX = 50;

/** Reactions of a page by seq, as one viewer sees them. */
export function aggregateReactions(
  viewer: string,
  rows: readonly StoredReaction[],
): Map<number, Record<string, Reaction>> {
  const bySeq = new Map<number, Record<string, Reaction>>();
  for (const row of rows) {
    let reactions = bySeq.get(row.seq);
    if (reactions === undefined) bySeq.set(row.seq, (reactions = Object.create(null) as Record<string, Reaction>));
    const reaction = (reactions[row.emoji] ??= { n: 0, me: false, users: [] });
    reaction.n += 1;
    if (row.user === viewer) reaction.me = true;
    if (reaction.users.length < USERS_LISTED_MAX) reaction.users.push(row.user);
  }
  return bySeq;
}
