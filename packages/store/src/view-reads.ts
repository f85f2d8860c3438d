import type { ChatKind, MessageContent, Role, Settings } from '@garam/contracts/chat-values';
import type { EventRecord } from '@garam/contracts/event-record';
import type { ReceiptMark } from '@garam/contracts/receipt-record';

/** Reads of the edge. Every list is bounded by the caller. */
export interface ViewReads {
  /** Heads as persisted: every row of an event ≤ rev is visible to later reads. null: nothing persisted. In the order asked. */
  heads(chats: readonly string[]): Promise<(StoredHead | null)[]>;

  /** All chats of a user, former ones included (role null). */
  chatsOf(user: string): Promise<StoredMembership[]>;
  membership(user: string, chat: string): Promise<StoredMembership | null>;
  /** Present members by user id ascending (bytewise), after `afterUser`. */
  members(chat: string, page: { afterUser?: string; limit: number }): Promise<StoredMembership[]>;
  /** Marks of users in a chat; users without marks are absent. Without `users`: everyone's. */
  marks(chat: string, users?: readonly string[]): Promise<ReceiptMark[]>;

  /** Messages with fromSeq ≤ seq ≤ throughSeq, ascending. */
  messages(chat: string, fromSeq: number, throughSeq: number): Promise<StoredMessage[]>;
  messagesAt(chat: string, seqs: readonly number[]): Promise<StoredMessage[]>;
  /** Reactions that are on, for the seqs, ordered by time of setting. */
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
  clock: number;
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
  visibleFrom: number;
  visibleFromRev: number;
  leftAtSeq?: number;
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
  rev: number;
  clock: number;
  by: string;
  clientId: string;
  /** ms */
  editedAt?: number;
  /** ms; content is empty then */
  deletedAt?: number;
}

export interface StoredReaction {
  seq: number;
  emoji: string;
  user: string;
}
