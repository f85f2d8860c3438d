import type { Claims } from '@garam/auth/claims';
import type { Verifier } from '@garam/auth/verifier';
import { isUserId, SERVICE_PREFIX } from '@garam/protocol/fields';
import { Refusal } from '@garam/protocol/errors';
import type { Caller } from './caller.ts';
import type { Standings } from './standings.ts';

export interface AuthenticateDeps {
  verifier: Verifier;
  standings: Standings;
  keepProfile(claims: Claims): Promise<void>;
}

export interface Authenticate {
  /** The claims of `Authorization: Bearer …`. @throws Refusal `unauthenticated` and what the verifier throws */
  claims(authorization: string | undefined): Promise<Claims>;
  /**
   * Who is acting. A service may name a user with `by` and then acts as that user.
   * @throws Refusal `revoked` · `forbidden` for a `by` that is not one's own · `invalid`
   */
  caller(claims: Claims, by: unknown): Promise<Caller>;
}

export function createAuthenticate(deps: AuthenticateDeps): Authenticate {
  return {
    async claims(authorization) {
      const token = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
      if (token === undefined) throw new Refusal('unauthenticated');
      return deps.verifier.verify(token);
    },
    async caller(claims, by) {
      const user = await deps.standings.of(claims.user);
      if (user.banned || claims.issuedAt < user.revokedBefore) throw new Refusal('revoked');
      if (by !== undefined && (typeof by !== 'string' || !isUserId(by)))
        throw new Refusal('invalid', { message: 'not a user id', path: 'by' });
      if (claims.service) return serviceCaller(deps, claims, by);
      if (by !== undefined && by !== claims.user)
        throw new Refusal('forbidden', { message: 'Only services act as someone else.' });
      await deps.keepProfile(claims);
      return { id: claims.user, isService: false, silencedUntil: user.silencedUntil };
    },
  };
}

async function serviceCaller({ standings }: AuthenticateDeps, claims: Claims, by: string | undefined): Promise<Caller> {
  if (by === undefined) return { id: `${SERVICE_PREFIX}${claims.user}`, isService: true, silencedUntil: 0 };
  const { banned, silencedUntil } = await standings.of(by);
  if (banned) throw new Refusal('revoked', { message: 'The user is banned.' });
  return { id: by, isService: true, silencedUntil };
}
