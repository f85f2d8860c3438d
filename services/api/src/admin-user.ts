import { z } from 'zod';
import { userField } from '@garam/protocol/fields';
import { Refusal } from '@garam/protocol/errors';
import type { Claims } from '@garam/auth/claims';
import type { Standing } from '@garam/store/user-store';
import type { ApiDeps } from './api-deps.ts';
import { publishTo } from './publish-to.ts';
import type { Standings } from './standings.ts';

const time = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

export const adminUserBody = z.object({
  user: userField,
  banned: z.boolean().optional().describe('May not connect or call at all'),
  silencedUntil: time.optional().describe('May not send messages until then, ms; 0: may'),
  revokedBefore: time.optional().describe('Tokens issued before are refused, ms; 0: none'),
});

/** Changes a user's standing and tells the gateways that serve the user. For tokens with scope `service`. */
export async function adminUser(
  deps: Pick<ApiDeps, 'store' | 'bus' | 'clock'> & { standings: Standings },
  claims: Claims,
  body: unknown,
): Promise<{ user: string } & Standing> {
  if (!claims.service) throw new Refusal('forbidden', { message: 'Only services may do this.' });
  const parsed = adminUserBody.safeParse(body);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Refusal('invalid', { message: issue?.message ?? 'not valid', path: issue?.path.join('.') ?? '' });
  }
  const { user, banned, silencedUntil, revokedBefore } = parsed.data;
  const change: Partial<Standing> = {};
  if (banned !== undefined) change.banned = banned;
  if (silencedUntil !== undefined) change.silencedUntil = silencedUntil;
  if (revokedBefore !== undefined) change.revokedBefore = revokedBefore;
  await deps.store.users.putStanding(user, change, deps.clock.now());
  deps.standings.forget(user);
  await publishTo(deps.bus, `user:${user}`, { kind: 'standing', user });
  return { user, ...(await deps.standings.of(user)) };
}
