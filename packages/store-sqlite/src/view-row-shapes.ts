import type { Attachment, Mention, Settings } from '@garam/contracts/chat-values';
import type { ReceiptMark } from '@garam/contracts/receipt-record';
import type { StoredHead, StoredMembership, StoredMessage, StoredReaction } from '@garam/store/view-reads';
import { fromJson, type Row } from './access.ts';

/** null: the creation of the chat has not been persisted yet. */
export function headOf(row: Row): StoredHead | null {
  if (row['kind'] === null || row['settings'] === null) return null;
  const head: StoredHead = {
    chat: row['chat'] as string,
    seq: row['seq'] as number,
    rev: row['rev'] as number,
    clock: row['clock'] as number,
    at: (row['at'] ?? 0) as number,
    kind: row['kind'] as StoredHead['kind'],
    settings: fromJson(row['settings']) as Settings,
    memberCount: (row['member_count'] ?? 0) as number,
  };
  if (row['title'] !== null) head.title = row['title'] as string;
  if (row['avatar'] !== null) head.avatar = row['avatar'] as string;
  return head;
}

export function membershipOf(row: Row): StoredMembership {
  const membership: StoredMembership = {
    chat: row['chat'] as string,
    user: row['user'] as string,
    role: row['role'] as StoredMembership['role'],
    visibleFrom: (row['visible_from'] ?? 1) as number,
    visibleFromRev: (row['visible_from_rev'] ?? 1) as number,
    joinedAt: (row['joined_at'] ?? 0) as number,
    rev: row['rev'] as number,
    read: row['read'] as number,
    delivered: row['delivered'] as number,
    muted: row['muted'] === 1,
    pinned: row['pinned'] === 1,
  };
  if (membership.role === null && row['left_at_seq'] !== null) membership.leftAtSeq = row['left_at_seq'] as number;
  if (row['hidden_through_seq']) membership.hiddenThroughSeq = row['hidden_through_seq'] as number;
  return membership;
}

export function messageOf(row: Row): StoredMessage {
  const message: StoredMessage = {
    chat: row['chat'] as string,
    seq: row['seq'] as number,
    rev: row['rev'] as number,
    clock: row['clock'] as number,
    by: row['by'] as string,
    clientId: row['client_id'] as string,
    kind: row['kind'] as StoredMessage['kind'],
  };
  if (row['deleted_at'] !== null) {
    message.deletedAt = row['deleted_at'] as number;
    return message;
  }
  if (row['text'] !== null) message.text = row['text'] as string;
  if (row['data'] !== null) message.data = row['data'] as string;
  if (row['reply_to'] !== null) message.replyTo = row['reply_to'] as number;
  if (row['mentions'] !== null) message.mentions = fromJson(row['mentions']) as Mention[];
  if (row['attachments'] !== null) message.attachments = fromJson(row['attachments']) as Attachment[];
  if (row['edited_at'] !== null) message.editedAt = row['edited_at'] as number;
  return message;
}

export function markOf(row: Row): ReceiptMark {
  return { user: row['user'] as string, delivered: row['delivered'] as number, read: row['read'] as number };
}

export function reactionOf(row: Row): StoredReaction {
  return { seq: row['seq'] as number, emoji: row['emoji'] as string, user: row['user'] as string };
}
