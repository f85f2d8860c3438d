import { wireError } from '@garam/protocol/errors';
import type { Edge } from '../edge.ts';
import { sessionsOf } from '../edge.ts';

/** An operator has changed what a user may do: reads it again and obeys. Never rejects. */
export async function obeyStanding(edge: Edge, user: string): Promise<void> {
  const sessions = sessionsOf(edge, user);
  if (sessions.length === 0) return;
  try {
    const standing = await edge.store.users.standing(user);
    for (const session of sessionsOf(edge, user)) {
      session.silencedUntil = standing.silencedUntil;
      const { connection } = session;
      if (standing.banned) {
        connection.announceEnd(wireError('revoked'));
        connection.close('banned');
      } else if (session.issuedAt < standing.revokedBefore) {
        connection.announceEnd(wireError('revoked'));
        connection.close('auth');
      }
    }
  } catch (error) {
    edge.logger.warn({ err: error }, 'the standing of a user could not be read');
    edge.clock.after(1_000, () => void obeyStanding(edge, user));
  }
}
