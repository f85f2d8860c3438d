import type { Attachment, Mention, Settings } from '@garam/contracts/chat-values';
import type { ReceiptMark } from '@garam/contracts/receipt-record';
import { decodeEvent } from '@garam/contracts/event-codec';
import type { EventRecord } from '@garam/contracts/event-record';
import { StoreError } from '@garam/store/store';
import type { StoredHead, StoredMembership, StoredMessage } from '@garam/store/view-reads';
import type { Row } from '../client/access.ts';
import { flagOf, fromJson, numberOf, textOf } from './cell-values.ts';

/** null: the creation of the chat has not been persisted yet. */
export function headOf(row: Row): StoredHead | null {
  const settings = textOf(row, 'settings');
  const kind = textOf(row, 'kind');
  if (kind === undefined || settings === undefined) return null;
  const head: StoredHead = {
    chat: row['chat'] as string,
    seq: numberOf(row, 'seq') ?? 0,
    rev: numberOf(row, 'rev') ?? 0,
    clock: numberOf(row, 'clock') ?? 0,
    at: numberOf(row, 'at') ?? 0,
    kind: kind as StoredHead['kind'],
    settings: fromJson(settings) as Settings,
    memberCount: numberOf(row, 'member_count') ?? 0,
  };
  const title = textOf(row, 'title');
  if (title !== undefined) head.title = title;
  const avatar = textOf(row, 'avatar');
  if (avatar !== undefined) head.avatar = avatar;
  return head;
}

/** null: marks or preferences only, there has never been a membership. */
export function membershipOf(row: Row): StoredMembership | null {
  const rev = numberOf(row, 'rev');
  if (rev === undefined) return null;
  const role = textOf(row, 'role') || null;
  const membership: StoredMembership = {
    chat: row['chat'] as string,
    user: row['user'] as string,
    role: role as StoredMembership['role'],
    visibleFrom: numberOf(row, 'visible_from') ?? 1,
    visibleFromRev: numberOf(row, 'visible_from_rev') ?? 1,
    joinedAt: numberOf(row, 'joined_at') ?? 0,
    rev,
    read: numberOf(row, 'read') ?? 0,
    delivered: numberOf(row, 'delivered') ?? 0,
    muted: flagOf(row, 'muted'),
    pinned: flagOf(row, 'pinned'),
  };
  const leftAtSeq = numberOf(row, 'left_at_seq');
  if (role === null && leftAtSeq !== undefined) membership.leftAtSeq = leftAtSeq;
  const hiddenThroughSeq = numberOf(row, 'hidden_through_seq');
  if (hiddenThroughSeq) membership.hiddenThroughSeq = hiddenThroughSeq;
  return membership;
}

/** null: an edit or deletion has come before the message itself. */
export function messageOf(row: Row): StoredMessage | null {
  const rev = numberOf(row, 'rev');
  if (rev === undefined) return null;
  const message: StoredMessage = {
    chat: row['chat'] as string,
    seq: numberOf(row, 'seq')!,
    rev,
    clock: numberOf(row, 'clock')!,
    by: row['author'] as string,
    clientId: row['client_id'] as string,
    kind: row['kind'] as StoredMessage['kind'],
  };
  const deletedAt = numberOf(row, 'deleted_at');
  if (deletedAt !== undefined) message.deletedAt = deletedAt;
  else addContent(message, row);
  return message;
}

function addContent(message: StoredMessage, row: Row): void {
  const [text, data] = [textOf(row, 'text'), textOf(row, 'data')];
  if (text !== undefined) message.text = text;
  if (data !== undefined) message.data = data;
  const [replyTo, editedAt] = [numberOf(row, 'reply_to'), numberOf(row, 'edited_at')];
  if (replyTo !== undefined) message.replyTo = replyTo;
  if (editedAt !== undefined) message.editedAt = editedAt;
  const [mentions, attachments] = [textOf(row, 'mentions'), textOf(row, 'attachments')];
  if (mentions !== undefined) message.mentions = fromJson(mentions) as Mention[];
  if (attachments !== undefined) message.attachments = fromJson(attachments) as Attachment[];
}

/** null: the user has no marks in the chat. */
export function markOf(row: Row): ReceiptMark | null {
  const [delivered, read] = [numberOf(row, 'delivered'), numberOf(row, 'read')];
  if (delivered === undefined && read === undefined) return null;
  return { user: row['user'] as string, delivered: delivered ?? 0, read: read ?? 0 };
}

export function eventOf(row: Row): EventRecord {
  const event = decodeEvent(row['event'] as Uint8Array);
  if (event === null) throw new StoreError('a stored event cannot be decoded');
  return event;
}
