import type { ChatState, MemberTimeline, SentEntry } from '@garam/domain/chat-state';

/** The sequencer's own rows; nobody else writes them. */
export interface SequencerStore {
  /** The state last saved, with the id of the log its offsets belong to. */
  loadChat(chat: string): Promise<SavedChat | null>;
  /** Rows of the given users; users without a row are absent. */
  loadMembers(chat: string, users: readonly string[]): Promise<MemberTimeline[]>;
  /** All unexpired entries of (actor, clientId) in the chat, by any offset. */
  loadSent(chat: string, actor: string, clientId: string): Promise<SentEntry[]>;

  /** First of the three: must be acknowledged before the state that names these offsets. Entries expire after 14 days. */
  saveSent(rows: readonly SentRow[]): Promise<void>;
  saveMembers(rows: readonly MemberRow[]): Promise<void>;
  /** Last of the three. Last writer wins by the state's clock. */
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
