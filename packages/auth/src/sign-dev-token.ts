import { SignJWT } from 'jose';

export interface DevTokenOptions {
  secret: string;
  user: string;
  name?: string;
  /** For example `service`. */
  scope?: string;
  /** ms */
  now: number;
  ttlS: number;
}

/** An HS256 token as an application's own server would issue it. */
export function signDevToken(options: DevTokenOptions): Promise<string> {
  const issuedAt = Math.floor(options.now / 1_000);
  return new SignJWT({
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.scope === undefined ? {} : { scope: options.scope }),
  })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(options.user)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + options.ttlS)
    .sign(new TextEncoder().encode(options.secret));
}
