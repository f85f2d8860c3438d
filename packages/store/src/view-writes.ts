import type { ChatKind, Mention, MessageContent, Role, Settings } from '@garam/contracts/chat-values';
import type { EventRecord } from '@garam/contracts/event-record';
import type { ReceiptMark } from '@garam/contracts/receipt-record';

/**
 * Writes of the persister (and of receipts: `raiseMarks`). Per chat the caller writes membership rows before rows of
 * later revs and `putHeads` after everything a head covers.
 */
export interface ViewWrites {
  /** Upserts membership of one user in one chat, in the user's list and in the chat's roster: each field by clock. */
  putMemberships(rows: readonly MembershipRow[]): Promise<void>;
  /** The content of a message as created. */
  putMessages(rows: readonly MessageRow[]): Promise<void>;
  /** Fields present are replaced, each by clock; marks the message as edited. */
  editMessages(rows: readonly MessageEdit[]): Promise<void>;
  /** Deletion is final: it is written with clock + 100 years for content and `deletedAt`; later edits stay invisible. */
  deleteMessages(rows: readonly MessageDeletion[]): Promise<void>;
  /** The last setting by clock stands. */
  putReactions(rows: readonly ReactionRow[]): Promise<void>;
  /** Events without a seq, for sync; `notice` marks those that history pages show as lines. */
  putChanges(rows: readonly ChangeRow[]): Promise<void>;
  /** Fields present are written, each by clock; `seq`, `rev` only rise. */
  putHeads(rows: readonly HeadRow[]): Promise<void>;
  /** Raises delivered and read marks; they are maxima and never fall. */
  raiseMarks(rows: readonly MarkRow[]): Promise<void>;
}

export interface MembershipRow {
  chat: string;
  user: string;
  /** null: not a member any more; the row stays. */
  role: Role | null;
  /** First visible seq and rev; absent: unchanged (role changes, removals). */
  visibleFrom?: number;
  visibleFromRev?: number;
  /** Set when the user stops being a member: head seq at that moment. */
  leftAtSeq?: number;
  /** When the membership began, ms; absent: unchanged. */
  joinedAt?: number;
  rev: number;
  clock: number;
}

export interface MessageRow extends MessageContent {
  chat: string;
  seq: number;
  rev: number;
  clock: number;
  by: string;
  clientId: string;
}

export interface MessageEdit {
  chat: string;
  seq: number;
  clock: number;
  text?: string;
  data?: string;
  mentions?: Mention[];
}

export interface MessageDeletion {
  chat: string;
  seq: number;
  clock: number;
}

export interface ReactionRow {
  chat: string;
  seq: number;
  emoji: string;
  user: string;
  on: boolean;
  clock: number;
}

export interface ChangeRow {
  event: EventRecord;
  notice: boolean;
}

export interface HeadRow {
  chat: string;
  seq: number;
  rev: number;
  clock: number;
  /** Of the newest message, or of the creation. */
  at?: number;
  kind?: ChatKind;
  title?: string;
  avatar?: string;
  settings?: Settings;
  memberCount?: number;
}

export interface MarkRow extends ReceiptMark {
  chat: string;
}
