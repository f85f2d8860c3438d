import type { Profile, UserStore } from '@garam/store/user-store';
import type { Access, Row } from './access.ts';
import { newerWins, type Cell } from './newer-wins.ts';
import { flag } from './sql-value.ts';

const PUT_PROFILE = newerWins({ table: 'users', key: ['user'], cells: [{ columns: ['name', 'avatar'], clock: 'at' }] });
const PUT_STANDING = newerWins({
  table: 'users',
  key: ['user'],
  cells: [
    optional('banned', 'banned_clock'),
    optional('silenced_until', 'silenced_clock'),
    optional('revoked_before', 'revoked_clock'),
  ],
});
const TOUCH = `INSERT INTO users (user, last_seen_at) VALUES (?, ?)
  ON CONFLICT (user) DO UPDATE SET last_seen_at = excluded.last_seen_at
  WHERE last_seen_at IS NULL OR excluded.last_seen_at > last_seen_at`;
const PUT_PREFS = newerWins({
  table: 'prefs',
  key: ['user', 'chat'],
  cells: [
    optional('muted', 'muted_clock'),
    optional('pinned', 'pinned_clock'),
    optional('hidden_through_seq', 'hidden_clock'),
  ],
});
const BLOCK = newerWins({ table: 'blocks', key: ['user', 'other'], cells: [{ columns: ['is_on'], clock: 'clock' }] });

function optional(column: string, clock: string): Cell {
  return { columns: [column], clock, optional: true };
}

/** People. A row may know only when someone was last seen, or only their standing: without a name it is no profile. */
export function userRows(access: Access): UserStore {
  return {
    putProfile: (profile) =>
      access.writeRows(PUT_PROFILE, [profile], ({ user, name, avatar = null, at }) => [at, user, name, avatar]),
    async profiles(users) {
      const sql = 'SELECT * FROM users WHERE user = ? AND name IS NOT NULL';
      const rows = users.map((user) => access.get(sql, user));
      return rows.filter((row) => row !== undefined).map(profileOf);
    },
    touch: (user, lastSeenAt) => access.writeRows(TOUCH, [user], () => [user, lastSeenAt]),
    putPrefs: (user, chat, prefs, at) =>
      access.writeRows(PUT_PREFS, [prefs], ({ muted, pinned, hiddenThroughSeq = null }) => [
        at,
        user,
        chat,
        flag(muted),
        flag(pinned),
        hiddenThroughSeq,
      ]),
    async standing(user) {
      const row = access.get('SELECT banned, silenced_until, revoked_before FROM users WHERE user = ?', user);
      return {
        banned: row?.['banned'] === 1,
        silencedUntil: (row?.['silenced_until'] ?? 0) as number,
        revokedBefore: (row?.['revoked_before'] ?? 0) as number,
      };
    },
    putStanding: (user, change, at) =>
      access.writeRows(PUT_STANDING, [change], ({ banned, silencedUntil = null, revokedBefore = null }) => [
        at,
        user,
        flag(banned),
        silencedUntil,
        revokedBefore,
      ]),
    block: (user, other, on, at) => access.writeRows(BLOCK, [on], () => [at, user, other, flag(on)]),
    async hasBlocked(user, other) {
      return access.get('SELECT 1 FROM blocks WHERE user = ? AND other = ? AND is_on = 1', user, other) !== undefined;
    },
  };
}

function profileOf(row: Row): Profile {
  const profile: Profile = { user: row['user'] as string, name: row['name'] as string, at: row['at'] as number };
  if (row['avatar'] !== null) profile.avatar = row['avatar'] as string;
  if (row['last_seen_at'] !== null) profile.lastSeenAt = row['last_seen_at'] as number;
  return profile;
}
