import type { ChatState, SentEntry } from '@garam/domain/chat-state';
import type { Assignment } from '@garam/eventlog/event-log';
import type { BlockingRetry } from '@garam/service/blocking-retry';
import type { MemberRow, SequencerStore, SentRow } from '@garam/store/sequencer-store';
import { trimTimeline } from '@garam/domain/timeline';
import type { ChatMemory } from './chat-memory.ts';

/** A consistent picture of what may be saved, taken in one step. */
export interface Flush {
  /** Every command below is acknowledged by the log, and its chat's state is in `chats` or saved already. */
  position: number;
  chats: readonly ChatSave[];
}

export interface ChatSave {
  memory: ChatMemory;
  state: ChatState;
  sent: readonly SentEntry[];
  members: readonly MemberRow[];
}

export interface FlushContext {
  store: SequencerStore;
  logId: string;
  assignment: Assignment;
  retry: BlockingRetry;
  onCommitFailed(error: unknown): void;
}

/** One acknowledged step of a flush; the next one begins only after it. */
export type FlushStep = (context: FlushContext, flush: Flush) => Promise<void>;

/**
 * The order every restart relies on (events and replies are acknowledged before anything gets here):
 * sent entries and member rows → states → position. A state that anyone can see names only rows that are durable;
 * a position that anyone can see has only saved states below it. Rows from the future of a state are harmless: they
 * are evaluated at an offset.
 */
export const flushSteps: readonly FlushStep[] = [saveRows, saveStates, commitPosition];

/** Rows of one write: a store in this very process must not hold up the messages of a whole flush. */
const ROWS_AT_ONCE = 200;

export async function saveRows({ store, retry }: FlushContext, { chats }: Flush): Promise<void> {
  const sent: SentRow[] = [];
  const members: MemberRow[] = [];
  for (const save of chats) {
    for (const entry of save.sent) sent.push({ chat: save.memory.chat, entry });
    members.push(...save.members);
  }
  for (let index = 0; index < sent.length; index += ROWS_AT_ONCE) {
    const some = sent.slice(index, index + ROWS_AT_ONCE);
    await retry.run('save sent entries', () => store.saveSent(some));
  }
  if (members.length > 0) await retry.run('save members', () => store.saveMembers(members));
}

export async function saveStates({ store, retry, logId, assignment }: FlushContext, { chats }: Flush): Promise<void> {
  if (chats.length === 0) return;
  const rows = chats.map(({ state }) => ({ state, logId }));
  await retry.run('save states', () => store.saveChats(rows));
  if (assignment.signal.aborted) return;
  for (const save of chats) markSaved(save);
}

/** A failed or unknown commit costs replay only: the next flush commits again. */
export async function commitPosition({ assignment, onCommitFailed }: FlushContext, { position }: Flush): Promise<void> {
  try {
    await assignment.commit(position);
  } catch (error) {
    onCommitFailed(error);
  }
}

/** How far the assignment has got. */
export interface Positions {
  /** Every command below is acknowledged by the log, or was skipped because it is saved. */
  acknowledged: number;
  /** Every command below has been handed over. */
  seen: number;
}

export type TakeFlush = (dirty: Iterable<ChatMemory>, positions: Positions) => Flush;

/** Takes of each chat what is acknowledged; what is newer waits for the next flush. */
export const takeFlush: TakeFlush = (dirty, { acknowledged }) => {
  const chats: ChatSave[] = [];
  for (const memory of dirty) {
    const state = memory.acked;
    if (state.lastOffset > memory.savedOffset) chats.push({ memory, state, ...rowsOf(memory, state) });
  }
  return { position: acknowledged, chats };
};

function rowsOf(memory: ChatMemory, state: ChatState): { sent: SentEntry[]; members: MemberRow[] } {
  const members: MemberRow[] = [];
  for (const [user, clock] of memory.members.dirty) {
    const timeline = trimTimeline(memory.members.get(user)!, memory.savedOffset);
    members.push({ chat: memory.chat, timeline, clock });
  }
  return { sent: memory.sent.unsaved(state.lastOffset), members };
}

function markSaved({ memory, state, sent, members }: ChatSave): void {
  memory.savedOffset = Math.max(memory.savedOffset, state.lastOffset);
  memory.sent.markSaved(sent.length);
  for (const { timeline, clock } of members) memory.members.markSaved(timeline, clock);
}
