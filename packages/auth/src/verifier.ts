import {
  createRemoteJWKSet,
  decodeProtectedHeader,
  errors,
  jwtVerify,
  type JWTPayload,
  type JWTVerifyOptions,
} from 'jose';
import { isUserId, utf8Length } from '@garam/protocol/fields';
import { Refusal } from '@garam/protocol/errors';
import type { Clock } from '@garam/runtime/clock';
import { createTokenCache } from './token-cache.ts';
import type { Claims } from './claims.ts';

export interface Verifier {
  /**
   * Checks signature, times and `sub`; repeated tokens cost a look-up.
   * @throws Refusal `token_expired` · `token_invalid` · `unavailable` (the key set cannot be fetched)
   */
  verify(token: string): Promise<Claims>;
}

export interface VerifierOptions {
  /** Shared secret of HS256 tokens. */
  secret?: string;
  /** Address of a JSON Web Key Set for RS256, PS256, ES256 and EdDSA tokens. */
  jwksUrl?: string;
  /** Required `iss`, where given. */
  issuer?: string;
  /** Required `aud`, where given. */
  audience?: string;
  /** Clocks may differ by this much, s. */
  clockToleranceS?: number;
  /** Deadline of one fetch of the key set. */
  jwksTimeoutMs?: number;
  /** Verified tokens remembered. */
  cachedTokensMax?: number;
}

const ASYMMETRIC = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'];
/** A remembered verification is repeated after this long, so that a withdrawn key ends its tokens. */
const REVERIFY_AFTER_MS = 300_000;

/** Verifies tokens against a secret, a key set, or (by the token's algorithm) both. */
export function createVerifier(deps: { clock: Clock }, options: VerifierOptions): Verifier {
  const { clock } = deps;
  const secret = options.secret === undefined ? undefined : new TextEncoder().encode(options.secret);
  const keySet =
    options.jwksUrl === undefined
      ? undefined
      : createRemoteJWKSet(new URL(options.jwksUrl), { timeoutDuration: options.jwksTimeoutMs ?? 3_000 });
  const toleranceMs = (options.clockToleranceS ?? 5) * 1_000;
  const cache = createTokenCache({ tokensMax: options.cachedTokensMax ?? 10_000, ageMaxMs: REVERIFY_AFTER_MS });

  async function verify(token: string): Promise<Claims> {
    const now = clock.now();
    const known = cache.get(token, now);
    if (known !== undefined) {
      if (known.expiresAt + toleranceMs <= now) throw new Refusal('token_expired');
      return known;
    }
    const claims = claimsOf(await payloadOf(token, now));
    cache.set(token, claims, now);
    return claims;
  }

  async function payloadOf(token: string, now: number): Promise<JWTPayload> {
    const checks: JWTVerifyOptions = {
      currentDate: new Date(now),
      clockTolerance: toleranceMs / 1_000,
      requiredClaims: ['sub', 'exp'],
      ...(options.issuer === undefined ? {} : { issuer: options.issuer }),
      ...(options.audience === undefined ? {} : { audience: options.audience }),
    };
    try {
      const { alg } = decodeProtectedHeader(token);
      if (secret !== undefined && alg === 'HS256')
        return (await jwtVerify(token, secret, { ...checks, algorithms: ['HS256'] })).payload;
      if (keySet !== undefined && alg !== undefined && ASYMMETRIC.includes(alg))
        return (await jwtVerify(token, keySet, { ...checks, algorithms: ASYMMETRIC })).payload;
    } catch (error) {
      throw refusalOf(error);
    }
    throw new Refusal('token_invalid', { message: 'The algorithm of the token is not accepted here.' });
  }

  return { verify };
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof errors.JWTExpired) return new Refusal('token_expired');
  const fetchFailed =
    error instanceof errors.JWKSTimeout ||
    error instanceof errors.JWKSInvalid ||
    (error instanceof errors.JOSEError && error.code === 'ERR_JOSE_GENERIC') ||
    (error instanceof TypeError && error.message.includes('fetch'));
  return fetchFailed
    ? new Refusal('unavailable', { message: 'The key set cannot be fetched.', retryAfterMs: 1_000 })
    : new Refusal('token_invalid');
}

function claimsOf(payload: JWTPayload): Claims {
  if (typeof payload.sub !== 'string' || !isUserId(payload.sub))
    throw new Refusal('token_invalid', { message: 'The token has no usable sub.' });
  const name = shortText(payload['name'], 400);
  const picture = shortText(payload['picture'], 1_024);
  return {
    user: payload.sub,
    ...(name === undefined ? {} : { name }),
    ...(picture === undefined || !/^https?:\/\/\S+$/.test(picture) ? {} : { picture }),
    service: scopesOf(payload['scope']).includes('service'),
    expiresAt: payload.exp! * 1_000,
    issuedAt: (payload.iat ?? 0) * 1_000,
  };
}

function scopesOf(scope: unknown): string[] {
  if (Array.isArray(scope)) return scope.filter((item) => typeof item === 'string');
  return typeof scope === 'string' ? scope.split(' ') : [];
}

/** Optional claims that cannot be used are left out: they are no reason to refuse a token. */
function shortText(value: unknown, bytesMax: number): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  return text.length > 0 && text.isWellFormed() && utf8Length(text) <= bytesMax ? text : undefined;
}
