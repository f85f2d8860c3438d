/** What a verified token says. */
export interface Claims {
  /** `sub`: a valid user id. */
  user: string;
  name?: string;
  /** Address of the user's picture. */
  picture?: string;
  /** The token has the scope `service`: it acts over HTTP only, as any user or as `service:<sub>`. */
  service: boolean;
  /** `exp`, ms. */
  expiresAt: number;
  /** `iat`, ms; 0 when the token does not say. Tokens issued before a user's `revokedBefore` are revoked. */
  issuedAt: number;
}
