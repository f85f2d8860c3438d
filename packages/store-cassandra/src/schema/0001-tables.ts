const COMPACTION = `compaction = {'class': 'UnifiedCompactionStrategy'}`;
const EXPIRING = `compaction = {'class': 'TimeWindowCompactionStrategy', 'compaction_window_unit': 'DAYS', 'compaction_window_size': 1}`;

const MEMBERSHIP_CELLS = `role text, rev bigint, visible_from bigint, visible_from_rev bigint, joined_at bigint,
  left_at_seq bigint, delivered bigint, read bigint, muted boolean, pinned boolean, hidden_through_seq bigint`;

/**
 * Every cell is written with the time of what it shows, in µs: the newer wins, whatever the order of arrival. Maxima
 * (`delivered`, `read`, `last_seen_at`) are written with their own value as time. No row is ever deleted and no cell set
 * to null: tombstones would shadow what is written later with an older time.
 */
export const tables: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS chat_states (chat text PRIMARY KEY, saved text) WITH ${COMPACTION}`,
  `CREATE TABLE IF NOT EXISTS member_timelines (chat text, user text, timeline text, PRIMARY KEY ((chat), user))
   WITH ${COMPACTION}`,
  `CREATE TABLE IF NOT EXISTS sent_ids (
     chat text, actor text, client_id text, log_offset bigint, entry text,
     PRIMARY KEY ((chat, actor, client_id), log_offset)
   ) WITH default_time_to_live = 1209600 AND gc_grace_seconds = 86400 AND ${EXPIRING}`,
  `CREATE TABLE IF NOT EXISTS chat_heads (
     chat text PRIMARY KEY, seq bigint, rev bigint, clock bigint, at bigint,
     kind text, title text, avatar text, settings text, member_count bigint
   ) WITH ${COMPACTION}`,
  `CREATE TABLE IF NOT EXISTS messages (
     chat text, bucket int, seq bigint, rev bigint, clock bigint, author text, client_id text, kind text,
     text text, data text, reply_to bigint, mentions text, attachments text, edited_at bigint, deleted_at bigint,
     PRIMARY KEY ((chat, bucket), seq)
   ) WITH CLUSTERING ORDER BY (seq DESC) AND ${COMPACTION}`,
  `CREATE TABLE IF NOT EXISTS reactions (
     chat text, bucket int, seq bigint, emoji text, user text, is_on boolean,
     PRIMARY KEY ((chat, bucket), seq, emoji, user)
   ) WITH ${COMPACTION}`,
  `CREATE TABLE IF NOT EXISTS changes (
     chat text, bucket int, rev bigint, event blob, PRIMARY KEY ((chat, bucket), rev)
   ) WITH ${COMPACTION}`,
  `CREATE TABLE IF NOT EXISTS notices (
     chat text, bucket int, rev bigint, event blob, PRIMARY KEY ((chat, bucket), rev)
   ) WITH CLUSTERING ORDER BY (rev DESC) AND ${COMPACTION}`,
  `CREATE TABLE IF NOT EXISTS memberships_by_user (
     user text, chat text, ${MEMBERSHIP_CELLS}, PRIMARY KEY ((user), chat)
   ) WITH ${COMPACTION}`,
  `CREATE TABLE IF NOT EXISTS memberships_by_chat (
     chat text, user text, ${MEMBERSHIP_CELLS}, PRIMARY KEY ((chat), user)
   ) WITH ${COMPACTION}`,
  `CREATE TABLE IF NOT EXISTS users (
     user text PRIMARY KEY, name text, avatar text, at bigint, last_seen_at bigint,
     banned boolean, silenced_until bigint, revoked_before bigint
   ) WITH ${COMPACTION}`,
  `CREATE TABLE IF NOT EXISTS blocks (user text, other text, is_on boolean, PRIMARY KEY ((user), other))
   WITH ${COMPACTION}`,
];
