import { FIRST_ATTEMPT_AGE_US } from '@garam/domain/ages';
import type { Decision } from '@garam/domain/decide';
import type { BlockingRetry } from '@garam/service/blocking-retry';
import type { EventLog } from '@garam/eventlog/event-log';
import type { SequencerStore } from '@garam/store/sequencer-store';
import type { ChatMemory } from './chat-memory.ts';
import type { ChatSaver } from './chat-saver.ts';
import type { ChatSlot, ChatTable, Pending } from './chat-table.ts';
import { decideCommand } from './decide-command.ts';
import type { Eviction } from './evict-chats.ts';
import type { Outbox, Output } from './outbox.ts';
import { createSlotReader } from './read-slot.ts';
import type { SequencerParts } from './sequencer-parts.ts';
import type { Tally } from './tally.ts';

export interface ChatDeciderDeps {
  log: EventLog;
  store: SequencerStore;
  retry: BlockingRetry;
  table: ChatTable;
  outbox: Outbox;
  saver: ChatSaver;
  eviction: Eviction;
  tally: Tally;
}

export interface ChatDeciderOptions {
  topic: string;
  partition: number;
  /** Offset below which this assignment has seen records. */
  seenEnd(): number;
  /** Whether no more may be decided: the partition is stopped or taken away. */
  isEnded(): boolean;
  /** A defect or a state of another log: the partition stops. */
  stop(reason: string, error: unknown): void;
  /** Parked commands have been decided. */
  unparked(): void;
}

export interface ChatDecider {
  /** Takes the next command: decides it at once, or parks it until the store has answered. */
  take(pending: Pending): void;
  /** After a flush: what is saved and too old to count goes. */
  clean(saved: readonly ChatMemory[]): void;
}

/** What became of a command: `wait` for rows, `reload` the chat, or the partition has stopped. */
export type Progress = 'done' | 'wait' | 'reload' | 'stopped';

/**
 * Decides the commands of each chat in their order, and those of different chats independently: while one waits for
 * the store, its later commands queue behind it and the others go on.
 */
export function createChatDecider(
  deps: ChatDeciderDeps,
  parts: SequencerParts,
  options: ChatDeciderOptions,
): ChatDecider {
  const { table, outbox, saver, tally } = deps;

  const advance = (slot: ChatSlot, pending: Pending): Progress => {
    const { memory } = slot;
    if (memory === undefined) return 'wait';
    if (pending.record.offset > memory.state.lastOffset && parts.planReads(memory, pending) !== null) return 'wait';
    const outcome = decideCommand(memory, pending, parts.decide);
    switch (outcome.kind) {
      case 'skipped':
        tally.skipped();
        return 'done';
      case 'decided':
        outbox.add({ ...outcome.output, acknowledged: acknowledgement(slot, memory, outcome.decision) });
        deps.eviction.added(1 + outcome.decision.members.length);
        tally.decided(outcome.decision, pending.record);
        return 'done';
      case 'store ahead':
        return 'reload';
      case 'failed':
        options.stop(`the rules threw on the command at offset ${pending.record.offset}`, outcome.error);
        return 'stopped';
    }
  };
  const acknowledgement = (slot: ChatSlot, memory: ChatMemory, { state }: Decision): Output['acknowledged'] => {
    return () => {
      memory.acked = state;
      if (slot.memory === memory) saver.changed(memory);
    };
  };
  const reader = createSlotReader(deps, parts, { ...options, advance });

  const park = (slot: ChatSlot, pending: Pending): void => {
    table.park(slot, pending);
    tally.parked();
    if (!slot.isReading) reader.start(slot);
  };
  return {
    take(pending) {
      const slot = table.slotOf(pending.command.chat);
      if (slot.isReading || slot.queue.length > 0) return park(slot, pending);
      const progress = advance(slot, pending);
      if (progress === 'reload') reader.forget(slot);
      if (progress === 'wait' || progress === 'reload') park(slot, pending);
    },
    clean(saved) {
      for (const memory of saved) {
        if (table.find(memory.chat)?.isReading === true) continue;
        memory.sent.trim(memory.state.clock - FIRST_ATTEMPT_AGE_US);
      }
    },
  };
}
