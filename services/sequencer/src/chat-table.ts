import type { CommandRecord } from '@garam/contracts/command-record';
import type { LogRecord } from '@garam/eventlog/event-log';
import type { ChatMemory } from './chat-memory.ts';

/** A decoded command and where it stands. */
export interface Pending {
  record: LogRecord;
  command: CommandRecord;
}

/** A chat's place in the memory of one assignment. */
export interface ChatSlot {
  readonly chat: string;
  /** undefined: not loaded. */
  memory: ChatMemory | undefined;
  /** Commands parked until the store has answered, in order. */
  queue: Pending[];
  /** Whether the store is being asked for this chat. */
  isReading: boolean;
}

/** All chats of one assignment, and the account of parked commands. */
export interface ChatTable {
  slotOf(chat: string): ChatSlot;
  find(chat: string): ChatSlot | undefined;
  slots(): Iterable<ChatSlot>;
  drop(slot: ChatSlot): void;
  park(slot: ChatSlot, pending: Pending): void;
  /** Takes the first parked command of the slot out: it has been decided or skipped. */
  unpark(slot: ChatSlot): void;
  readonly parkedCount: number;
  /** Least offset of all parked commands: nothing is committed past it. */
  firstParkedOffset(): number | undefined;
  readonly size: number;
}

export function createChatTable(): ChatTable {
  const slots = new Map<string, ChatSlot>();
  const parked = new Set<ChatSlot>();
  let parkedCount = 0;
  return {
    get parkedCount() {
      return parkedCount;
    },
    get size() {
      return slots.size;
    },
    slots: () => slots.values(),
    find: (chat) => slots.get(chat),
    slotOf(chat) {
      const known = slots.get(chat);
      if (known !== undefined) return known;
      const slot: ChatSlot = { chat, memory: undefined, queue: [], isReading: false };
      slots.set(chat, slot);
      return slot;
    },
    drop: (slot) => void slots.delete(slot.chat),
    park(slot, pending) {
      slot.queue.push(pending);
      parked.add(slot);
      parkedCount++;
    },
    unpark(slot) {
      slot.queue.shift();
      if (slot.queue.length === 0) parked.delete(slot);
      parkedCount--;
    },
    firstParkedOffset() {
      let first: number | undefined;
      for (const { queue } of parked) {
        const { offset } = queue[0]!.record;
        if (first === undefined || offset < first) first = offset;
      }
      return first;
    },
  };
}
