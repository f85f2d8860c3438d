import { createHmac } from 'node:crypto';
import { apiUrl, topologyOf, type Target } from './topology.ts';

/** Claims of a token; times in seconds. */
export interface Claims {
  sub?: unknown;
  exp?: unknown;
  iat?: number;
  name?: string;
  picture?: string;
  scope?: string;
  [other: string]: unknown;
}

export const nowSeconds = (): number => Math.floor(Date.now() / 1000);

/** Signs `claims` as they are, with HS256 or what `header` and `secret` say. */
export function sign(claims: Claims, secret: string, header: Record<string, unknown> = {}): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const body = `${part({ alg: 'HS256', typ: 'JWT', ...header })}.${part(claims)}`;
  const digest = header['alg'] === 'HS512' ? 'sha512' : 'sha256';
  return `${body}.${createHmac(digest, secret).update(body).digest('base64url')}`;
}

/** A good token for `user` at `target`: signed where the secret is known, otherwise a dev token. */
export async function tokenFor(user: string, target: Target = 'default', claims: Claims = {}): Promise<string> {
  const { jwtSecret } = topologyOf(target);
  if (jwtSecret !== undefined) {
    return sign({ sub: user, iat: nowSeconds(), exp: nowSeconds() + 3600, ...claims }, jwtSecret);
  }
  const answer = await fetch(`${apiUrl(target)}/v1/dev/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user, ...(claims.name === undefined ? {} : { name: claims.name }) }),
  });
  if (answer.status !== 200) throw new Error(`dev token: ${answer.status} ${await answer.text()}`);
  const { token } = (await answer.json()) as { token: string };
  return token;
}

/** A token with scope `service` (targets with a known secret only). */
export function serviceToken(name: string, target: Target = 'strict'): string {
  const { jwtSecret } = topologyOf(target);
  if (jwtSecret === undefined) throw new Error('service tokens need a target with a known secret');
  return sign({ sub: name, scope: 'service', iat: nowSeconds(), exp: nowSeconds() + 3600 }, jwtSecret);
}
