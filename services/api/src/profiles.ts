import type { Claims } from '@garam/auth/claims';
import type { Clock } from '@garam/runtime/clock';
import type { UserStore } from '@garam/store/user-store';
import { createBoundedMap } from '@garam/views/bounded-map';

const USERS_MAX = 50_000;

/** Keeps the name and picture of tokens as the user's profile; written only when they differ from what was seen last. */
export function createProfiles(deps: {
  users: Pick<UserStore, 'putProfile'>;
  clock: Clock;
}): (claims: Claims) => Promise<void> {
  const seen = createBoundedMap<string, string>(USERS_MAX);
  return async ({ user, name, picture }) => {
    if (name === undefined) return;
    const profile = `${name}\n${picture ?? ''}`;
    if (seen.get(user) === profile) return;
    const avatar = picture === undefined ? {} : { avatar: picture };
    await deps.users.putProfile({ user, name, ...avatar, at: deps.clock.now() });
    seen.set(user, profile);
  };
}
