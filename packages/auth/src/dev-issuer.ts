import type { Clock } from '@garam/runtime/clock';
import { signDevToken } from './sign-dev-token.ts';

export interface DevIssuer {
  /** A token for anyone who asks: for development on one's own machine only. */
  issue(user: string, name?: string): Promise<string>;
}

const TTL_S = 30 * 86_400;

/** Issues tokens signed with the secret the embedded server verifies with. */
export function createDevIssuer(deps: { clock: Clock }, options: { secret: string; ttlS?: number }): DevIssuer {
  return {
    issue: (user, name) =>
      signDevToken({
        secret: options.secret,
        user,
        ...(name === undefined ? {} : { name }),
        now: deps.clock.now(),
        ttlS: options.ttlS ?? TTL_S,
      }),
  };
}
