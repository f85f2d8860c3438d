import type { CommandRecord } from '@garam/contracts/command-record';
import { isYoung } from './ages.ts';
import type { SentEntry } from './chat-state.ts';

/** The decision that stands, or `conflict`: the clientId was used for other content. */
export type EarlierDecision = SentEntry | 'conflict';

/**
 * Looks for a decision that answers the command.
 *
 * An entry counts if it was left by an earlier command and is young enough. Accepting and changing nothing both mean
 * "ok" was told: that settles every attempt. A refusal answers lower attempts, and its own attempt number only for
 * copies read not later than the refused one was (HTTP calls all share attempt 2). A higher attempt is decided afresh.
 */
export function findEarlierDecision(
  sent: readonly SentEntry[],
  command: CommandRecord,
  at: { offset: number; clock: number },
): EarlierDecision | null {
  let settled: SentEntry | undefined;
  let refused: SentEntry | undefined;
  let conflicting: SentEntry | undefined;
  for (const entry of sent) {
    if (entry.offset >= at.offset || !isYoung(entry, command.attempt, at.clock)) continue;
    if (entry.outcome !== 'refused') settled = newer(settled, entry);
    else if (!answers(entry, command)) continue;
    else if (entry.digest === command.digest) refused = newer(refused, entry);
    else conflicting = newer(conflicting, entry);
  }
  if (settled !== undefined) return settled.digest === command.digest ? settled : 'conflict';
  if (refused !== undefined) return refused;
  return conflicting === undefined ? null : 'conflict';
}

function answers(refusal: SentEntry, { attempt, sentAt }: CommandRecord): boolean {
  return attempt < refusal.attempt || (attempt === refusal.attempt && sentAt <= refusal.sentAt);
}

function newer(known: SentEntry | undefined, entry: SentEntry): SentEntry {
  return known === undefined || entry.offset > known.offset ? entry : known;
}
