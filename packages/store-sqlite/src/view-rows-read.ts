import { decodeEvent } from '@garam/contracts/event-codec';
import type { EventRecord } from '@garam/contracts/event-record';
import { StoreError } from '@garam/store/store';
import type { ViewReads } from '@garam/store/view-reads';
import type { Access, Row } from './access.ts';
import { headOf, markOf, membershipOf, messageOf, reactionOf } from './view-row-shapes.ts';

/** A membership with the user's marks and preferences. `rev`: the membership itself has been written. */
const MEMBERSHIPS = `SELECT m.chat, m.user, m.role, m.rev, m.visible_from, m.visible_from_rev, m.joined_at, m.left_at_seq,
    coalesce(r.delivered, 0) AS delivered, coalesce(r.read, 0) AS read, p.muted, p.pinned, p.hidden_through_seq
  FROM memberships m
  LEFT JOIN read_marks r ON r.chat = m.chat AND r.user = m.user
  LEFT JOIN prefs p ON p.user = m.user AND p.chat = m.chat`;
const CHATS_OF = `${MEMBERSHIPS} WHERE m.user = ? ORDER BY m.chat`;
const MEMBERSHIP = `${MEMBERSHIPS} WHERE m.user = ? AND m.chat = ?`;
const MEMBERS = `${MEMBERSHIPS} WHERE m.chat = ? AND m.role IS NOT NULL AND m.user > ? ORDER BY m.user LIMIT ?`;

/** Without `rev` an edit or deletion has come before the message itself: there is nothing to show yet. */
const MESSAGES = 'SELECT * FROM messages WHERE chat = ? AND seq >= ? AND seq <= ? AND rev IS NOT NULL ORDER BY seq';
const MESSAGE = 'SELECT * FROM messages WHERE chat = ? AND seq = ? AND rev IS NOT NULL';
const REACTIONS = `SELECT seq, emoji, user, clock FROM reactions
  WHERE chat = ? AND seq IN (SELECT value FROM json_each(?)) AND is_on = 1 ORDER BY clock, seq, emoji, user`;
const CHANGES = 'SELECT event FROM changes WHERE chat = ? AND rev > ? AND rev <= ? ORDER BY rev LIMIT ?';
const NOTICES = `SELECT event FROM changes
  WHERE chat = ? AND rev >= ? AND rev <= ? AND notice = 1 ORDER BY rev DESC LIMIT ?`;

/** Reads of the edge: synchronous inside, so every one is bounded by what the caller asks for. */
export function viewRowsRead(access: Access): ViewReads {
  return {
    async heads(chats) {
      return chats.map((chat) => {
        const row = access.get('SELECT * FROM chat_heads WHERE chat = ?', chat);
        return row === undefined ? null : headOf(row);
      });
    },
    async chatsOf(user) {
      return access.all(CHATS_OF, user).map(membershipOf);
    },
    async membership(user, chat) {
      const row = access.get(MEMBERSHIP, user, chat);
      return row === undefined ? null : membershipOf(row);
    },
    async members(chat, { afterUser = '', limit }) {
      return access.all(MEMBERS, chat, afterUser, limit).map(membershipOf);
    },
    async marks(chat, users) {
      if (users === undefined) return access.all('SELECT * FROM read_marks WHERE chat = ?', chat).map(markOf);
      const sql = 'SELECT * FROM read_marks WHERE chat = ? AND user = ?';
      const rows = users.map((user) => access.get(sql, chat, user));
      return rows.filter((row) => row !== undefined).map(markOf);
    },
    async messages(chat, fromSeq, throughSeq) {
      return access.all(MESSAGES, chat, fromSeq, throughSeq).map(messageOf);
    },
    async messagesAt(chat, seqs) {
      const rows = seqs.map((seq) => access.get(MESSAGE, chat, seq));
      return rows.filter((row) => row !== undefined).map(messageOf);
    },
    async reactions(chat, seqs) {
      return access.all(REACTIONS, chat, JSON.stringify(seqs)).map(reactionOf);
    },
    async changes(chat, afterRev, throughRev, limit) {
      return access.all(CHANGES, chat, afterRev, throughRev, limit).map(eventOf);
    },
    async notices(chat, fromRev, throughRev, limit) {
      return access.all(NOTICES, chat, fromRev, throughRev, limit).map(eventOf).toReversed();
    },
  };
}

function eventOf(row: Row): EventRecord {
  const event = decodeEvent(row['event'] as Uint8Array);
  if (event === null) throw new StoreError('a stored event cannot be decoded');
  return event;
}
