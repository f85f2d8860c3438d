import type { ChatState, MemberTimeline, SentEntry } from '@garam/domain/chat-state';

/**
 * The sequencer's own rows; nobody else writes them. Order of a flush: `saveSent` and `saveMembers` acknowledged, then
 * `saveChats`: a state that can be seen names only rows that can be seen. Rows of the future are harmless.
 */
export interface SequencerStore {
  /** The state last saved, with the id of the log its offsets belong to. */
  loadChat(chat: string): Promise<SavedChat | null>;
  /** Rows of the given users; users without a row are absent. */
  loadMembers(chat: string, users: readonly string[]): Promise<MemberTimeline[]>;
  /** All unexpired entries of (actor, clientId) in the chat, of any offset, ascending by it. */
  loadSent(chat: string, actor: string, clientId: string): Promise<SentEntry[]>;

  /** Each entry is a row of its own by its offset. They expire after 14 days. */
  saveSent(rows: readonly SentRow[]): Promise<void>;
  /** Last writer wins by `clock`. */
  saveMembers(rows: readonly MemberRow[]): Promise<void>;
  /** Last writer wins by the state's clock. States of chats that never came to be (kind null) expire after 14 days. */
  saveChats(rows: readonly SavedChat[]): Promise<void>;
}

export interface SavedChat {
  state: ChatState;
  logId: string;
}

export interface SentRow {
  chat: string;
  entry: SentEntry;
}

export interface MemberRow {
  chat: string;
  timeline: MemberTimeline;
  /** Write timestamp, µs. */
  clock: number;
}
