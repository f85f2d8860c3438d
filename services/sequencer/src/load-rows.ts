import type { CommandRecord } from '@garam/contracts/command-record';
import type { SequencerStore } from '@garam/store/sequencer-store';
import type { ChatMemory } from './chat-memory.ts';
import type { Pending } from './chat-table.ts';
import type { PlanReads } from './plan-reads.ts';

/** Commands of one chat whose rows are read together. */
const AHEAD_MAX = 100;

/**
 * Reads the rows that the first parked commands of a chat need, together. Always after the state was loaded: rows are
 * saved before the state that names them, so in this order they can only be newer, and newer ones are harmless.
 *
 * What arrives is kept even where another read fails: the repetition asks for the rest only, so a slow store is not asked
 * for ever for the same. Fails only when every read has ended: nothing arrives late in memory that has gone on.
 */
export async function loadRows(
  store: SequencerStore,
  memory: ChatMemory,
  queue: readonly Pending[],
  planReads: PlanReads,
): Promise<number> {
  const { chat, state, members, sent } = memory;
  const users = new Set<string>();
  /** By key: the attempts of one command, parked one behind the other, are looked up once. */
  const lookups = new Map<string, CommandRecord>();
  for (const pending of queue.slice(0, AHEAD_MAX)) {
    const reads = planReads(memory, pending);
    for (const user of reads?.users ?? []) users.add(user);
    if (reads?.sent === true) lookups.set(`${pending.command.clientId} ${pending.command.actor}`, pending.command);
  }
  const wanted = [...users];
  const loadMembers = async (): Promise<void> => {
    if (wanted.length > 0) members.remember(wanted, await store.loadMembers(chat, wanted));
  };
  const lookUp = async ({ actor, clientId }: CommandRecord): Promise<void> =>
    sent.remember({ actor, clientId }, await store.loadSent(chat, actor, clientId), state.clock);
  const outcomes = await Promise.allSettled([loadMembers(), ...[...lookups.values()].map(lookUp)]);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return wanted.length + lookups.size;
}
