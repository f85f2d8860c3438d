import { wireError } from '@garam/protocol/errors';
import type { Standing } from '@garam/store/user-store';
import type { Edge } from '../edge.ts';
import { sessionsOf } from '../edge.ts';
import type { Session } from './session.ts';

const RETRY_MS = 1_000;

/** An operator has changed what a user may do: reads it again and obeys. What the user sends meanwhile waits for the read. */
export function obeyStanding(edge: Edge, user: string): void {
  const sessions = sessionsOf(edge, user);
  if (sessions.length === 0) return;
  const reading = readAndObey(edge, user);
  for (const session of sessions) session.standingRead = reading;
  void reading.then(() => {
    for (const session of sessions) if (session.standingRead === reading) session.standingRead = undefined;
  });
}

/** Where the store cannot be reached, the old standing holds until it can. */
async function readAndObey(edge: Edge, user: string): Promise<void> {
  try {
    const standing = await edge.store.users.standing(user);
    for (const session of sessionsOf(edge, user)) obey(session, standing);
  } catch (error) {
    edge.logger.warn({ err: error }, 'the standing of a user could not be read');
    edge.clock.after(RETRY_MS, () => obeyStanding(edge, user));
  }
}

function obey(session: Session, standing: Standing): void {
  const { connection } = session;
  session.silencedUntil = standing.silencedUntil;
  const isRevoked = session.issuedAt < standing.revokedBefore;
  if (!standing.banned && !isRevoked) return;
  connection.announceEnd(wireError('revoked'));
  connection.close(standing.banned ? 'banned' : 'auth');
}
