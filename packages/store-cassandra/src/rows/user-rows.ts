import type { Profile, UserStore } from '@garam/store/user-store';
import type { Access, Row } from '../client/access.ts';
import { inLanes } from '../client/in-lanes.ts';
import { putInto, type Put } from '../client/put.ts';
import { numberOf, textOf } from './cell-values.ts';
import { prefsPuts } from './membership-rows-written.ts';

const KEY = ['user'];
const PUT_PROFILE = putInto('users', { key: KEY, cells: ['name', 'avatar', 'at'] });
const TOUCH = putInto('users', { key: KEY, cells: ['last_seen_at'] });
const PUT_STANDING = putInto('users', { key: KEY, cells: ['banned', 'silenced_until', 'revoked_before'] });
const BLOCK = putInto('blocks', { key: ['user', 'other'], cells: ['is_on'] });

const PROFILE = 'SELECT user, name, avatar, at, last_seen_at FROM users WHERE user = ?';
const STANDING = 'SELECT banned, silenced_until, revoked_before FROM users WHERE user = ?';
const HAS_BLOCKED = 'SELECT is_on FROM blocks WHERE user = ? AND other = ?';

const LANES = 32;

const micros = (ms: number) => ms * 1000;

/** People. A row may know only when someone was last seen, or only their standing: without a name it is no profile. */
export function userRows(access: Access): UserStore {
  const writeUser = (user: string, cql: string, values: unknown[]) =>
    access.write([{ cql, params: [user, ...values], partition: `users ${user}` } satisfies Put]);
  return {
    /** No avatar is written as '': null would be a tombstone. */
    putProfile: ({ user, name, avatar = '', at }) => writeUser(user, PUT_PROFILE, [name, avatar, at, micros(at)]),
    profiles: (users) =>
      access.read(async (query) => {
        const rows = await inLanes(users, LANES, (user) => query(PROFILE, [user]));
        return rows.flat().flatMap((row) => profileOf(row) ?? []);
      }),
    /** A maximum: its time is itself. */
    touch: (user, lastSeenAt) => writeUser(user, TOUCH, [lastSeenAt, lastSeenAt]),
    putPrefs: (user, chat, prefs, at) => access.write(prefsPuts(user, chat, prefs, at)),
    standing: (user) =>
      access.read(async (query) => {
        const [row] = await query(STANDING, [user]);
        if (row === undefined) return { banned: false, silencedUntil: 0, revokedBefore: 0 };
        return {
          banned: row['banned'] === true,
          silencedUntil: numberOf(row, 'silenced_until') ?? 0,
          revokedBefore: numberOf(row, 'revoked_before') ?? 0,
        };
      }),
    putStanding: (user, { banned, silencedUntil, revokedBefore }, at) =>
      writeUser(user, PUT_STANDING, [banned, silencedUntil, revokedBefore, micros(at)]),
    block: (user, other, on, at) =>
      access.write([{ cql: BLOCK, params: [user, other, on, micros(at)], partition: `blocks ${user}` }]),
    hasBlocked: (user, other) =>
      access.read(async (query) => (await query(HAS_BLOCKED, [user, other]))[0]?.['is_on'] === true),
  };
}

function profileOf(row: Row): Profile | null {
  const name = textOf(row, 'name');
  if (name === undefined) return null;
  const profile: Profile = { user: row['user'] as string, name, at: numberOf(row, 'at') ?? 0 };
  const avatar = textOf(row, 'avatar');
  if (avatar) profile.avatar = avatar;
  const lastSeenAt = numberOf(row, 'last_seen_at');
  if (lastSeenAt !== undefined) profile.lastSeenAt = lastSeenAt;
  return profile;
}
