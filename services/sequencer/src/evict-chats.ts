import { isClean, weightOf, type ChatMemory } from './chat-memory.ts';
import type { ChatSlot, ChatTable } from './chat-table.ts';

/** Keeps the rows in memory within a bound; looks at the table only when the bound may have been reached. */
export interface Eviction {
  /** Rows have come into memory: chats, members, sent entries. */
  added(rows: number): void;
  /** Forgets what may be forgotten while there is too much; returns the number of chats forgotten. */
  run(): number;
}

/**
 * Only what is in the log and in the store can be forgotten, so that loading it again gives the same decisions:
 * 1. clean chats nobody waits for, those untouched since the last look first;
 * 2. of chats that are never clean because they are never idle: clean member rows and saved sent entries.
 * A dirty row never goes. While the store is away the bound is exceeded; the loop stops taking commands then.
 */
export function createEviction(table: ChatTable, rowsMax: number): Eviction {
  let rows = 0;
  return {
    added(count) {
      rows += count;
    },
    run() {
      if (rows <= rowsMax) return 0;
      rows = 0;
      for (const slot of table.slots()) rows += weightOfSlot(slot);
      const chatsBefore = table.size;
      const forgetChats = (isUnusedOnly: boolean) => {
        for (const slot of table.slots()) {
          if (rows <= rowsMax) return;
          if (!mayForget(slot, isUnusedOnly)) continue;
          rows -= weightOfSlot(slot);
          table.drop(slot);
        }
      };
      forgetChats(true);
      forgetChats(false);
      for (const slot of table.slots()) {
        if (rows <= rowsMax) break;
        if (slot.memory === undefined || slot.isReading) continue;
        rows -= shrink(slot.memory);
      }
      return chatsBefore - table.size;
    },
  };
}

function mayForget(slot: ChatSlot, isUnusedOnly: boolean): boolean {
  const { memory } = slot;
  if (slot.isReading || slot.queue.length > 0) return false;
  if (memory === undefined) return true;
  if (isUnusedOnly && memory.isRecent) {
    memory.isRecent = false;
    return false;
  }
  return isClean(memory);
}

/** Drops what the store has as well; returns the number of rows. */
function shrink(memory: ChatMemory): number {
  const before = weightOf(memory);
  memory.members.trim(0);
  memory.sent.trim(Number.POSITIVE_INFINITY);
  return before - weightOf(memory);
}

function weightOfSlot({ memory }: ChatSlot): number {
  return memory === undefined ? 1 : weightOf(memory);
}
