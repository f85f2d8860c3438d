import { toEventRecord, toReplyRecord } from '@garam/contracts/log-records';
import type { Decision, DecideInput } from '@garam/domain/decide';
import { StoreAhead } from '@garam/domain/timeline';
import type { ChatMemory } from './chat-memory.ts';
import type { Pending } from './chat-table.ts';
import type { Output } from './outbox.ts';

export type DecideOutcome =
  /** Decided before this owner had the partition: its events and replies are in the log. */
  | { kind: 'skipped' }
  | { kind: 'decided'; decision: Decision; output: Omit<Output, 'acknowledged'> }
  /** Another owner is ahead: the chat must be loaded again. */
  | { kind: 'store ahead'; error: unknown }
  /** A defect: the command can be neither decided nor skipped. */
  | { kind: 'failed'; error: unknown };

/** Decides one command on the chat in memory, which changes with it. Memory must have what `planReads` names. */
export function decideCommand(
  memory: ChatMemory,
  { command, record }: Pending,
  decide: (input: DecideInput) => Decision,
): DecideOutcome {
  if (record.offset <= memory.state.lastOffset) return { kind: 'skipped' };
  try {
    const sent = memory.sent.find(command.actor, command.clientId);
    const decision = decide({ state: memory.state, command, position: record, members: memory.members, sent });
    const output = outputOf(decision, record);
    memory.state = decision.state;
    memory.isRecent = true;
    memory.sent.add(decision.sent);
    for (const timeline of decision.members) memory.members.change(timeline, decision.state.clock);
    return { kind: 'decided', decision, output };
  } catch (error) {
    return { kind: error instanceof StoreAhead ? 'store ahead' : 'failed', error };
  }
}

function outputOf({ events, reply }: Decision, record: Pending['record']): Omit<Output, 'acknowledged'> {
  const { offset, partition, headers } = record;
  return {
    offset,
    events: events.map((event) => toEventRecord(event, partition, headers['traceparent'])),
    replies: reply === null ? [] : [toReplyRecord(reply, partition, headers['traceparent'])],
    deadLetters: [],
  };
}
