import { Refusal } from '@garam/protocol/errors';
import type { Call } from './call.ts';

/** Takes a newer token of the same user; refused, everything stays as it was. */
export async function refreshToken(call: Call, token: string): Promise<object> {
  const { edge, session } = call;
  const claims = await edge.verifier.verify(token);
  if (claims.user !== session.user || claims.service)
    throw new Refusal('token_invalid', { message: 'The token belongs to somebody else.' });
  const standing = await edge.store.users.standing(claims.user);
  if (standing.banned || claims.issuedAt < standing.revokedBefore) throw new Refusal('revoked');
  session.refreshed(claims);
  return { tokenExpiresAt: claims.expiresAt };
}
