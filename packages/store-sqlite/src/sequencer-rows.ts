import type { ChatState, MemberTimeline, SentEntry, TimelineEntry } from '@garam/domain/chat-state';
import type { SavedChat, SequencerStore } from '@garam/store/sequencer-store';
import { type Access, fromJson, type Row } from './access.ts';
import { flag } from './sql-value.ts';

/** What the sequencer does not need any more after this: the longest retry and the longest lag behind the log. */
const EXPIRY_US = 14 * 24 * 60 * 60 * 1_000_000;

const SAVE_SENT = `INSERT INTO sent_ids (chat, actor, client_id, offset, answered_clock, entry)
  VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`;
const OLDEST_SENT = 'SELECT answered_clock FROM sent_ids ORDER BY rowid LIMIT 1';
const DROP_SENT = `DELETE FROM sent_ids
  WHERE rowid IN (SELECT rowid FROM sent_ids ORDER BY rowid LIMIT ?) AND answered_clock < ?`;
const SAVE_MEMBER = `INSERT INTO chat_members (chat, user, clock, entries, trimmed) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (chat, user) DO UPDATE SET clock = excluded.clock, entries = excluded.entries, trimmed = excluded.trimmed
  WHERE excluded.clock > clock`;
const SAVE_CHAT = `INSERT INTO chat_state (chat, log_id, clock, state, expires_clock) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (chat) DO UPDATE SET
    log_id = excluded.log_id, clock = excluded.clock, state = excluded.state, expires_clock = excluded.expires_clock
  WHERE excluded.clock > clock`;
const DROP_CHATS = `DELETE FROM chat_state WHERE chat IN (
  SELECT chat FROM chat_state WHERE expires_clock < ? ORDER BY expires_clock LIMIT ?)`;

/**
 * Rows of the sequencer. Expiry needs no wall clock: what is older than 14 days by the clock of the newest row saved is
 * dropped, with each save at most twice as many rows as it adds.
 */
export function sequencerRows(access: Access): SequencerStore {
  return {
    async loadChat(chat) {
      const row = access.get('SELECT log_id, state FROM chat_state WHERE chat = ?', chat);
      return row === undefined ? null : { state: fromJson(row['state']) as ChatState, logId: row['log_id'] as string };
    },
    async loadMembers(chat, users) {
      const rows = users.map((user) =>
        access.get('SELECT user, entries, trimmed FROM chat_members WHERE chat = ? AND user = ?', chat, user),
      );
      return rows.filter((row) => row !== undefined).map(timelineOf);
    },
    async loadSent(chat, actor, clientId) {
      const sql = 'SELECT entry FROM sent_ids WHERE chat = ? AND actor = ? AND client_id = ? ORDER BY offset';
      return access.all(sql, chat, actor, clientId).map((row) => fromJson(row['entry']) as SentEntry);
    },
    async saveSent(rows) {
      if (rows.length === 0) return;
      await access.write((statements) => {
        const save = statements.prepare(SAVE_SENT);
        let newest = 0;
        for (const { chat, entry } of rows) {
          newest = Math.max(newest, entry.answeredClock);
          save.run(chat, entry.actor, entry.clientId, entry.offset, entry.answeredClock, JSON.stringify(entry));
        }
        const oldest = statements.prepare(OLDEST_SENT).get() as Row | undefined;
        if ((oldest?.['answered_clock'] as number) < newest - EXPIRY_US)
          statements.prepare(DROP_SENT).run(2 * rows.length, newest - EXPIRY_US);
      });
    },
    async saveMembers(rows) {
      await access.writeRows(SAVE_MEMBER, rows, ({ chat, timeline, clock }) => [
        chat,
        timeline.user,
        clock,
        JSON.stringify(timeline.entries),
        flag(timeline.trimmed),
      ]);
    },
    async saveChats(rows) {
      if (rows.length === 0) return;
      await access.write((statements) => {
        const save = statements.prepare(SAVE_CHAT);
        for (const { state, logId } of rows) {
          save.run(state.chat, logId, state.clock, JSON.stringify(state), expiryOf({ state }));
        }
        const newest = Math.max(...rows.map(({ state }) => state.clock));
        statements.prepare(DROP_CHATS).run(newest, 2 * rows.length);
      });
    },
  };
}

/** A chat that never came to be only remembers refusals, and they expire. */
function expiryOf({ state }: Pick<SavedChat, 'state'>): number | null {
  return state.kind === null ? state.clock + EXPIRY_US : null;
}

function timelineOf(row: Row): MemberTimeline {
  return {
    user: row['user'] as string,
    entries: fromJson(row['entries']) as TimelineEntry[],
    trimmed: row['trimmed'] === 1,
  };
}
