import { wireError } from '@garam/protocol/errors';
import type { Standing } from '@garam/store/user-store';
import type { Edge } from '../edge.ts';
import { sessionsOf } from '../edge.ts';
import type { Session } from './session.ts';

const RETRY_MS = 1_000;
const USERS_AT_ONCE = 8;

/** An operator's word may have been lost with the bus: reads the standing of everybody who is connected. Never rejects. */
export async function obeyAllStandings(edge: Edge): Promise<void> {
  const users = new Set<string>();
  for (const { session } of edge.connections) if (session !== undefined) users.add(session.user);
  const queue = users.values();
  const worker = async () => {
    for (const user of queue) await obeyStanding(edge, user);
  };
  await Promise.all(Array.from({ length: USERS_AT_ONCE }, worker));
}

/**
 * An operator has changed what a user may do: reads it again and obeys. What the user sends meanwhile waits for the read.
 * Never rejects.
 */
export async function obeyStanding(edge: Edge, user: string): Promise<void> {
  const sessions = sessionsOf(edge, user);
  if (sessions.length === 0) return;
  const reading = readAndObey(edge, user);
  for (const session of sessions) session.standingRead = reading;
  await reading;
  for (const session of sessions) if (session.standingRead === reading) session.standingRead = undefined;
}

/** Where the store cannot be reached, the old standing holds until it can. */
async function readAndObey(edge: Edge, user: string): Promise<void> {
  try {
    const standing = await edge.store.users.standing(user);
    for (const session of sessionsOf(edge, user)) obey(session, standing);
  } catch (error) {
    edge.logger.warn({ err: error }, 'the standing of a user could not be read');
    edge.clock.after(RETRY_MS, () => void obeyStanding(edge, user));
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
