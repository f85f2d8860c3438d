import type { ChatKind, MessageContent, Role, Settings } from '@garam/contracts/chat-values';
import type { EventRecord } from '@garam/contracts/event-record';
import type { ReceiptMark } from '@garam/contracts/receipt-record';

/**
 * Reads of the edge. Every list is bounded by the caller's limits or by what it names. A read sees every write whose
 * promise resolved before it began, and may see later ones.
 */
export interface ViewReads {
  /**
   * Heads as persisted: every row of an event ≤ rev is visible to later reads. null: the chat's creation is not
   * persisted. In the order asked.
   */
  heads(chats: readonly string[]): Promise<(StoredHead | null)[]>;

  /** All chats of a user, former ones included (role null), in no particular order. */
  chatsOf(user: string): Promise<StoredMembership[]>;
  membership(user: string, chat: string): Promise<StoredMembership | null>;
  /** Present members by user id ascending (bytewise), after `afterUser`. */
  members(chat: string, page: { afterUser?: string; limit: number }): Promise<StoredMembership[]>;
  /** Marks of users in a chat, in no particular order; users without marks are absent. Without `users`: everyone's. */
  marks(chat: string, users?: readonly string[]): Promise<ReceiptMark[]>;

  /** Messages with fromSeq ≤ seq ≤ throughSeq, ascending. A message whose creation is not persisted is absent. */
  messages(chat: string, fromSeq: number, throughSeq: number): Promise<StoredMessage[]>;
  /** Messages of these seqs, in no particular order; those that do not exist are absent. */
  messagesAt(chat: string, seqs: readonly number[]): Promise<StoredMessage[]>;
  /** Reactions that are on, for the seqs, oldest setting first. May name deleted messages: readers ignore those. */
  reactions(chat: string, seqs: readonly number[]): Promise<StoredReaction[]>;
  /** Changes with afterRev < rev ≤ throughRev, ascending, at most `limit`. */
  changes(chat: string, afterRev: number, throughRev: number, limit: number): Promise<EventRecord[]>;
  /** Notices in a rev range, the newest `limit` of them, ascending. */
  notices(chat: string, fromRev: number, throughRev: number, limit: number): Promise<EventRecord[]>;
}

export interface StoredHead {
  chat: string;
  seq: number;
  rev: number;
  /** µs, of the newest event persisted. */
  clock: number;
  /** ms, of the newest message or of the creation. */
  at: number;
  kind: ChatKind;
  title?: string;
  avatar?: string;
  settings: Settings;
  memberCount: number;
}

export interface StoredMembership {
  chat: string;
  user: string;
  role: Role | null;
  /** First visible seq and rev. */
  visibleFrom: number;
  visibleFromRev: number;
  /** Head seq when the membership ended; absent while there is one. */
  leftAtSeq?: number;
  /** ms */
  joinedAt: number;
  /** Rev of the newest membership event folded into the row. */
  rev: number;
  read: number;
  delivered: number;
  muted: boolean;
  pinned: boolean;
  /** Hidden while the head's seq is not above this; absent: not hidden. */
  hiddenThroughSeq?: number;
}

export interface StoredMessage extends MessageContent {
  chat: string;
  seq: number;
  /** Of its creation, as `clock` (µs). */
  rev: number;
  clock: number;
  by: string;
  clientId: string;
  /** ms, of the last edit. */
  editedAt?: number;
  /** ms; text, data, replyTo, mentions and attachments are absent then. */
  deletedAt?: number;
}

export interface StoredReaction {
  seq: number;
  emoji: string;
  user: string;
}
