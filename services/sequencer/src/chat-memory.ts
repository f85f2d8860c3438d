import type { ChatState } from '@garam/domain/chat-state';
import { createMemberMemory, type MemberMemory } from './member-memory.ts';
import { createSentMemory, type SentMemory } from './sent-memory.ts';

/**
 * One chat as the owner of its partition holds it. States are immutable values, so three of them say how far each
 * step has got: decided ≥ acknowledged by the log ≥ saved in the store.
 */
export interface ChatMemory {
  readonly chat: string;
  /** After the last command decided. */
  state: ChatState;
  /** After the last command whose events and replies are acknowledged: the only one that may be saved. */
  acked: ChatState;
  /** `lastOffset` of the last state acknowledged by the store; -1: none. */
  savedOffset: number;
  readonly members: MemberMemory;
  readonly sent: SentMemory;
  /** Touched since the last look of the eviction. */
  isRecent: boolean;
}

/** @param loaded the saved state; null: none was ever saved, so this memory is complete by itself. */
export function createChatMemory(chat: string, loaded: ChatState | null, initial: ChatState): ChatMemory {
  const state = loaded ?? initial;
  return {
    chat,
    state,
    acked: state,
    savedOffset: loaded?.lastOffset ?? -1,
    members: createMemberMemory(loaded === null),
    sent: createSentMemory(loaded?.clock ?? Number.NEGATIVE_INFINITY),
    isRecent: true,
  };
}

/** Whether everything decided is in the log and in the store: then forgetting it changes no decision. */
export function isClean(memory: ChatMemory): boolean {
  return (
    memory.acked === memory.state &&
    memory.savedOffset >= memory.state.lastOffset &&
    memory.sent.unsavedCount === 0 &&
    memory.members.dirty.size === 0
  );
}

/** How much it holds, in rows. */
export function weightOf(memory: ChatMemory): number {
  return 1 + memory.members.size + memory.sent.size;
}
