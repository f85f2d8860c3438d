import { emptyChat } from '@garam/domain/chat-state';
import type { ChatDeciderDeps, ChatDeciderOptions, Progress } from './chat-decider.ts';
import { createChatMemory } from './chat-memory.ts';
import type { ChatSlot, Pending } from './chat-table.ts';
import { ForeignLogError } from './load-chat.ts';
import { loadRows } from './load-rows.ts';
import type { SequencerParts } from './sequencer-parts.ts';

/** Brings what parked commands wait for into memory, and has them decided. */
export interface SlotReader {
  /** Reads and decides until no command of the slot is parked. */
  start(slot: ChatSlot): void;
  /** Drops the chat from memory: it will be loaded again. */
  forget(slot: ChatSlot): void;
}

export interface SlotReaderOptions extends ChatDeciderOptions {
  /** Decides one command if memory has what it needs. */
  advance(slot: ChatSlot, pending: Pending): Progress;
}

export function createSlotReader(deps: ChatDeciderDeps, parts: SequencerParts, options: SlotReaderOptions): SlotReader {
  const { log, store, retry, table, outbox, saver, eviction } = deps;
  const { topic, partition, seenEnd } = options;

  const read = async (slot: ChatSlot): Promise<void> => {
    let reloadedFor: number | undefined;
    for (let progress: Progress = 'wait'; progress !== 'done' && !options.isEnded();) {
      if (progress === 'reload') {
        const { offset } = slot.queue[0]!.record;
        if (reloadedFor === offset)
          return options.stop(`member rows of chat ${slot.chat} are ahead of its state`, null);
        reloadedFor = offset;
        forget(slot);
      }
      if (slot.memory === undefined && !(await load(slot))) return;
      const memory = slot.memory!;
      const count = await retry.run('load rows', () => loadRows(store, memory, slot.queue, parts.planReads));
      if (count === undefined) return;
      eviction.added(count);
      progress = advanceQueue(slot);
      outbox.send();
      options.unparked();
    }
    slot.isReading = false;
  };

  /** False: the partition has stopped or was taken away. */
  const load = async (slot: ChatSlot): Promise<boolean> => {
    const loaded = await retry.run('load chat', () =>
      parts.loadChat({ store, log, topic, partition, seenEnd }, slot.chat).catch(foreignLogAsValue),
    );
    if (loaded === undefined) return false;
    if (loaded instanceof ForeignLogError) {
      options.stop('the saved state is not of this log', loaded);
      return false;
    }
    slot.memory = createChatMemory(slot.chat, loaded?.state ?? null, emptyChat(slot.chat));
    eviction.added(1);
    return true;
  };

  /** Decides parked commands as far as memory goes. */
  const advanceQueue = (slot: ChatSlot): Progress => {
    for (let pending = slot.queue[0]; pending !== undefined; pending = slot.queue[0]) {
      const progress = options.isEnded() ? 'stopped' : options.advance(slot, pending);
      if (progress !== 'done') return progress;
      table.unpark(slot);
    }
    return 'done';
  };

  const forget = (slot: ChatSlot): void => {
    if (slot.memory !== undefined) saver.forget(slot.memory);
    slot.memory = undefined;
  };
  return {
    forget,
    start(slot) {
      slot.isReading = true;
      void read(slot);
    },
  };
}

/** A state of another log is not infrastructure trouble: it must not be asked for again and again. */
function foreignLogAsValue(error: unknown): ForeignLogError {
  if (error instanceof ForeignLogError) return error;
  throw error;
}
