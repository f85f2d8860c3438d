import type { EventRecord } from '@garam/contracts/event-record';
import type { ViewWrites } from '@garam/store/view-writes';
import { projectEvent } from './project-event.ts';
import { emptyViewRows, type ViewRows } from './view-rows.ts';

/** One group of writes; everything in it is durable before the next phase begins. */
export type Phase = (writes: ViewWrites, rows: ViewRows) => Promise<unknown>;

/**
 * The order that makes a head a proof:
 * 1. memberships, before any row of a later rev: nobody reads a message from after their removal;
 * 2. everything else;
 * 3. heads: `head.rev = P` can be seen only when every row of a rev ≤ P can be seen.
 */
export const persistPhases: readonly Phase[] = [writeMemberships, writeRows, writeHeads];

/**
 * Writes a batch of events. It may fail between any two writes and is then repeated from the beginning: rows are a
 * function of the events, and the last writer by clock wins, so a repetition changes nothing. Nothing is skipped
 * because of a stored head.
 */
export async function persistBatch(
  writes: ViewWrites,
  events: readonly EventRecord[],
  phases: readonly Phase[],
): Promise<void> {
  const rows = emptyViewRows();
  for (const event of events) projectEvent(event, rows);
  for (const phase of phases) await phase(writes, rows);
}

export async function writeMemberships(writes: ViewWrites, rows: ViewRows): Promise<void> {
  if (rows.memberships.length > 0) await writes.putMemberships(rows.memberships);
}

export async function writeRows(writes: ViewWrites, rows: ViewRows): Promise<void> {
  const running: Promise<void>[] = [];
  if (rows.messages.length > 0) running.push(writes.putMessages(rows.messages));
  if (rows.edits.length > 0) running.push(writes.editMessages(rows.edits));
  if (rows.deletions.length > 0) running.push(writes.deleteMessages(rows.deletions));
  if (rows.reactions.length > 0) running.push(writes.putReactions(rows.reactions));
  if (rows.changes.length > 0) running.push(writes.putChanges(rows.changes));
  if (rows.marks.length > 0) running.push(writes.raiseMarks(rows.marks));
  await allSettledOrThrow(running);
}

export async function writeHeads(writes: ViewWrites, rows: ViewRows): Promise<void> {
  if (rows.heads.size > 0) await writes.putHeads([...rows.heads.values()]);
}

/** Waits for all of them before failing, so that a repetition does not run beside its own first try. */
async function allSettledOrThrow(running: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(running)).find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
