import type { SequencerStore } from '@garam/store/sequencer-store';
import type { ChatMemory } from './chat-memory.ts';
import type { Pending } from './chat-table.ts';
import type { PlanReads } from './plan-reads.ts';

/** Commands of one chat whose rows are read together. */
const AHEAD_MAX = 100;

/**
 * Reads the rows that the first parked commands of a chat need, together. Always after the state was loaded: rows are
 * saved before the state that names them, so in this order they can only be newer, and newer ones are harmless.
 */
export async function loadRows(
  store: SequencerStore,
  memory: ChatMemory,
  queue: readonly Pending[],
  planReads: PlanReads,
): Promise<number> {
  const { chat, state } = memory;
  const users = new Set<string>();
  const lookups: Pending[] = [];
  for (const pending of queue.slice(0, AHEAD_MAX)) {
    const reads = planReads(memory, pending);
    for (const user of reads?.users ?? []) users.add(user);
    if (reads?.sent === true) lookups.push(pending);
  }
  const wanted = [...users];
  const [stored, found] = await Promise.all([
    wanted.length === 0 ? [] : store.loadMembers(chat, wanted),
    Promise.all(lookups.map(({ command }) => store.loadSent(chat, command.actor, command.clientId))),
  ]);
  memory.members.remember(wanted, stored);
  lookups.forEach(({ command }, index) => memory.sent.remember(command, found[index]!, state.clock));
  return wanted.length + lookups.length;
}
