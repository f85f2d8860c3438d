import type { User } from '@garam/protocol/entities';
import type { Profile, UserStore } from '@garam/store/user-store';
import { jsonBytes } from './page-size.ts';

/** Profiles looked up for one page at most. */
const USERS_MAX = 300;

/** Profiles of the people a page names, those named first first, within `bytesMax`; unknown ids are absent. */
export async function nameUsers(
  users: Pick<UserStore, 'profiles'>,
  named: Iterable<string>,
  bytesMax = 32_768,
): Promise<User[]> {
  const ids = [...new Set(named)].slice(0, USERS_MAX);
  if (ids.length === 0) return [];
  const known = new Map((await users.profiles(ids)).map((profile) => [profile.user, profile]));
  const page: User[] = [];
  let bytes = 0;
  for (const id of ids) {
    const profile = known.get(id);
    if (profile === undefined) continue;
    const user = toWireUser(profile);
    bytes += jsonBytes(user) + 1;
    if (bytes > bytesMax) break;
    page.push(user);
  }
  return page;
}

export function toWireUser(profile: Profile): User {
  return {
    id: profile.user,
    name: profile.name,
    ...(profile.avatar === undefined ? {} : { avatar: profile.avatar }),
  };
}
