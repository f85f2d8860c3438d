import { FIRST_ATTEMPT_AGE_US } from '@garam/domain/ages';
import { emptyChat } from '@garam/domain/chat-state';
import type { EventLog } from '@garam/eventlog/event-log';
import type { BlockingRetry } from '@garam/service/blocking-retry';
import type { SequencerStore } from '@garam/store/sequencer-store';
import { createChatMemory, type ChatMemory } from './chat-memory.ts';
import type { ChatSlot, ChatTable, Pending } from './chat-table.ts';
import { decideCommand } from './decide-command.ts';
import type { Eviction } from './evict-chats.ts';
import { ForeignLogError } from './load-chat.ts';
import { loadRows } from './load-rows.ts';
import type { Outbox } from './outbox.ts';
import type { SequencerParts } from './sequencer-parts.ts';
import type { Tally } from './tally.ts';

export interface ChatDeciderDeps {
  log: EventLog;
  store: SequencerStore;
  retry: BlockingRetry;
  table: ChatTable;
  outbox: Outbox;
  /** Chats with something acknowledged that is not saved. */
  dirty: Set<ChatMemory>;
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
type Progress = 'done' | 'wait' | 'reload' | 'stopped';

/**
 * Decides the commands of each chat in their order, and those of different chats independently: while one waits for
 * the store, its later commands queue behind it and the others go on.
 */
export function createChatDecider(
  deps: ChatDeciderDeps,
  parts: SequencerParts,
  options: ChatDeciderOptions,
): ChatDecider {
  const { table, outbox, dirty, tally, retry, store } = deps;

  const advance = (slot: ChatSlot, pending: Pending): Progress => {
    const { memory } = slot;
    if (memory === undefined) return 'wait';
    if (pending.record.offset > memory.state.lastOffset && parts.planReads(memory, pending) !== null) return 'wait';
    const outcome = decideCommand(memory, pending, parts.decide);
    switch (outcome.kind) {
      case 'skipped':
        tally.skipped();
        return 'done';
      case 'decided': {
        const { decision, output } = outcome;
        const acknowledged = () => {
          memory.acked = decision.state;
          if (slot.memory === memory) dirty.add(memory);
        };
        outbox.add({ ...output, acknowledged });
        deps.eviction.added(1 + decision.members.length);
        tally.decided(decision, pending.record);
        return 'done';
      }
      case 'store ahead':
        return 'reload';
      case 'failed':
        options.stop(`the rules threw on the command at offset ${pending.record.offset}`, outcome.error);
        return 'stopped';
    }
  };

  /** Decides parked commands as far as memory goes. */
  const advanceQueue = (slot: ChatSlot): Progress => {
    for (let pending = slot.queue[0]; pending !== undefined; pending = slot.queue[0]) {
      const progress = options.isEnded() ? 'stopped' : advance(slot, pending);
      if (progress !== 'done') return progress;
      table.unpark(slot);
    }
    return 'done';
  };

  /** Reads what the parked commands need, and decides them, until none is left. */
  const read = async (slot: ChatSlot): Promise<void> => {
    let reloadedFor: number | undefined;
    for (let progress: Progress = 'wait'; progress !== 'done' && !options.isEnded(); ) {
      if (progress === 'reload') {
        const { offset } = slot.queue[0]!.record;
        if (reloadedFor === offset) {
          return options.stop(`member rows of chat ${slot.chat} are ahead of its state`, undefined);
        }
        reloadedFor = offset;
        forget(slot);
      }
      if (slot.memory === undefined && !(await load(slot))) return;
      const memory = slot.memory!;
      const count = await retry.run('load rows', () => loadRows(store, memory, slot.queue, parts.planReads));
      if (count === undefined) return;
      deps.eviction.added(count);
      progress = advanceQueue(slot);
      outbox.send();
      options.unparked();
    }
    slot.isReading = false;
  };

  const load = async (slot: ChatSlot): Promise<boolean> => {
    const { log } = deps;
    const { topic, partition, seenEnd } = options;
    const loaded = await retry.run('load chat', () =>
      parts.loadChat({ store, log, topic, partition, seenEnd }, slot.chat).catch((error: unknown) => {
        if (error instanceof ForeignLogError) return error;
        throw error;
      }),
    );
    if (loaded === undefined) return false;
    if (loaded instanceof ForeignLogError) {
      options.stop('the saved state is not of this log', loaded);
      return false;
    }
    slot.memory = createChatMemory(slot.chat, loaded?.state ?? null, emptyChat(slot.chat));
    deps.eviction.added(1);
    return true;
  };

  const forget = (slot: ChatSlot): void => {
    if (slot.memory !== undefined) dirty.delete(slot.memory);
    slot.memory = undefined;
  };

  const park = (slot: ChatSlot, pending: Pending): void => {
    table.park(slot, pending);
    tally.parked();
    if (slot.isReading) return;
    slot.isReading = true;
    void read(slot);
  };

  return {
    take(pending) {
      const slot = table.slotOf(pending.command.chat);
      if (slot.isReading || slot.queue.length > 0) return park(slot, pending);
      const progress = advance(slot, pending);
      if (progress === 'reload') forget(slot);
      if (progress === 'wait' || progress === 'reload') park(slot, pending);
    },
    clean(saved) {
      for (const memory of saved) {
        if (memory.acked.lastOffset <= memory.savedOffset) dirty.delete(memory);
        if (table.find(memory.chat)?.isReading === true) continue;
        memory.sent.trim(memory.state.clock - FIRST_ATTEMPT_AGE_US);
      }
    },
  };
}
