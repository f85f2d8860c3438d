/**
 * Every cell that can be written again has a clock beside it: a write wins only over an older one. -1: never written.
 * User ids compare bytewise (BINARY collation of UTF-8).
 */
export const tables = `
CREATE TABLE chat_state (
  chat TEXT PRIMARY KEY, log_id TEXT NOT NULL, clock INTEGER NOT NULL, state TEXT NOT NULL,
  -- only for chats that never came to be
  expires_clock INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX chat_state_expiring ON chat_state (expires_clock) WHERE expires_clock IS NOT NULL;

CREATE TABLE chat_members (
  chat TEXT NOT NULL, user TEXT NOT NULL, clock INTEGER NOT NULL, entries TEXT NOT NULL, trimmed INTEGER NOT NULL,
  PRIMARY KEY (chat, user)
) STRICT, WITHOUT ROWID;

-- Rows are added in the order of their age: the oldest have the lowest rowids.
CREATE TABLE sent_ids (
  chat TEXT NOT NULL, actor TEXT NOT NULL, client_id TEXT NOT NULL, offset INTEGER NOT NULL,
  answered_clock INTEGER NOT NULL, entry TEXT NOT NULL,
  PRIMARY KEY (chat, actor, client_id, offset)
) STRICT;

CREATE TABLE memberships (
  chat TEXT NOT NULL, user TEXT NOT NULL,
  role TEXT, rev INTEGER, clock INTEGER NOT NULL DEFAULT -1,
  visible_from INTEGER, visible_from_rev INTEGER, visible_clock INTEGER NOT NULL DEFAULT -1,
  joined_at INTEGER, joined_clock INTEGER NOT NULL DEFAULT -1,
  left_at_seq INTEGER, left_clock INTEGER NOT NULL DEFAULT -1,
  PRIMARY KEY (chat, user)
) STRICT, WITHOUT ROWID;
CREATE INDEX memberships_by_user ON memberships (user, chat);
CREATE INDEX memberships_present ON memberships (chat, user) WHERE role IS NOT NULL;

-- Maxima: never deleted, never lowered.
CREATE TABLE read_marks (
  chat TEXT NOT NULL, user TEXT NOT NULL, delivered INTEGER NOT NULL, read INTEGER NOT NULL,
  PRIMARY KEY (chat, user)
) STRICT, WITHOUT ROWID;

CREATE TABLE prefs (
  user TEXT NOT NULL, chat TEXT NOT NULL,
  muted INTEGER, muted_clock INTEGER NOT NULL DEFAULT -1,
  pinned INTEGER, pinned_clock INTEGER NOT NULL DEFAULT -1,
  hidden_through_seq INTEGER, hidden_clock INTEGER NOT NULL DEFAULT -1,
  PRIMARY KEY (user, chat)
) STRICT, WITHOUT ROWID;

CREATE TABLE messages (
  chat TEXT NOT NULL, seq INTEGER NOT NULL,
  rev INTEGER, by TEXT, client_id TEXT, kind TEXT, reply_to INTEGER, clock INTEGER NOT NULL DEFAULT -1,
  text TEXT, text_clock INTEGER NOT NULL DEFAULT -1,
  data TEXT, data_clock INTEGER NOT NULL DEFAULT -1,
  mentions TEXT, mentions_clock INTEGER NOT NULL DEFAULT -1,
  attachments TEXT, attachments_clock INTEGER NOT NULL DEFAULT -1,
  edited_at INTEGER, edited_clock INTEGER NOT NULL DEFAULT -1,
  deleted_at INTEGER, deleted_clock INTEGER NOT NULL DEFAULT -1,
  PRIMARY KEY (chat, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE reactions (
  chat TEXT NOT NULL, seq INTEGER NOT NULL, emoji TEXT NOT NULL, user TEXT NOT NULL,
  is_on INTEGER, clock INTEGER NOT NULL DEFAULT -1,
  PRIMARY KEY (chat, seq, emoji, user)
) STRICT, WITHOUT ROWID;

CREATE TABLE changes (
  chat TEXT NOT NULL, rev INTEGER NOT NULL, notice INTEGER, event BLOB, clock INTEGER NOT NULL DEFAULT -1,
  PRIMARY KEY (chat, rev)
) STRICT, WITHOUT ROWID;
CREATE INDEX changes_notices ON changes (chat, rev) WHERE notice = 1;

CREATE TABLE chat_heads (
  chat TEXT PRIMARY KEY,
  seq INTEGER NOT NULL DEFAULT 0, rev INTEGER NOT NULL DEFAULT 0, clock INTEGER NOT NULL DEFAULT 0,
  at INTEGER, at_clock INTEGER NOT NULL DEFAULT -1,
  kind TEXT, kind_clock INTEGER NOT NULL DEFAULT -1,
  title TEXT, title_clock INTEGER NOT NULL DEFAULT -1,
  avatar TEXT, avatar_clock INTEGER NOT NULL DEFAULT -1,
  settings TEXT, settings_clock INTEGER NOT NULL DEFAULT -1,
  member_count INTEGER, member_count_clock INTEGER NOT NULL DEFAULT -1
) STRICT, WITHOUT ROWID;

CREATE TABLE users (
  user TEXT PRIMARY KEY,
  name TEXT, avatar TEXT, at INTEGER NOT NULL DEFAULT -1,
  last_seen_at INTEGER,
  banned INTEGER, banned_clock INTEGER NOT NULL DEFAULT -1,
  silenced_until INTEGER, silenced_clock INTEGER NOT NULL DEFAULT -1,
  revoked_before INTEGER, revoked_clock INTEGER NOT NULL DEFAULT -1
) STRICT, WITHOUT ROWID;

CREATE TABLE blocks (
  user TEXT NOT NULL, other TEXT NOT NULL, is_on INTEGER, clock INTEGER NOT NULL DEFAULT -1,
  PRIMARY KEY (user, other)
) STRICT, WITHOUT ROWID;
`;
