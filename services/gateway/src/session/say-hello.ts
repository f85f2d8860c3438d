import type { RouteKey } from '@garam/bus/bus';
import type { Claims } from '@garam/auth/claims';
import type { CloseName } from '@garam/protocol/close-codes';
import type { CommandFields } from '@garam/protocol/commands';
import type { User } from '@garam/protocol/entities';
import { Refusal, wireError, type WireError } from '@garam/protocol/errors';
import type { BadCommand, Command } from '@garam/protocol/parse-command';
import { withDeadline } from '@garam/runtime/deadline';
import { wireErrorOf } from '../commands/call.ts';
import type { GatewayConnection } from '../connection/gateway-connection.ts';
import { DeliveryTimeout } from '../delivery/delivery-core.ts';
import type { Edge } from '../edge.ts';
import { sessionsOf } from '../edge.ts';
import { publishTo } from '../publish.ts';
import { Session } from './session.ts';

/** All of hello, deadlines of its parts included. */
const HELLO_DEADLINE_MS = 15_000;

/**
 * Answers hello: token → standing → chats subscribed → ok → pushes; then older connections of the device are told to
 * go. A refused hello gets its error and then the close.
 */
export async function sayHello(edge: Edge, connection: GatewayConnection, hello: Command | BadCommand): Promise<void> {
  const { id } = hello;
  try {
    if ('error' in hello) throw refusalOf(hello.error);
    if (hello.type !== 'hello') throw new Refusal('unauthenticated');
    const welcoming = welcome(edge, connection, hello.fields, id);
    await withDeadline(welcoming, HELLO_DEADLINE_MS, edge.clock, () => new DeliveryTimeout('hello'));
  } catch (error) {
    if (connection.isClosed) return;
    const wire = wireErrorOf(error, edge);
    connection.refuse(id, wire);
    connection.close(error instanceof Banned ? 'banned' : closeNameOf(wire));
  }
}

class Banned extends Refusal {
  constructor() {
    super('revoked', { message: 'The user is banned.' });
  }
}

async function welcome(
  edge: Edge,
  connection: GatewayConnection,
  fields: CommandFields<'hello'>,
  id: number,
): Promise<void> {
  const claims = await edge.verifier.verify(fields.token);
  if (claims.service) throw new Refusal('token_invalid', { message: 'Service tokens act over HTTP only.' });
  const standing = await edge.store.users.standing(claims.user);
  if (standing.banned) throw new Banned();
  if (claims.issuedAt < standing.revokedBefore) throw new Refusal('revoked');
  const log = await edge.logName();
  const user = await introduce(edge, claims);
  if (connection.isClosed) return;
  const session = new Session(edge, connection, {
    id: edge.newSessionId(),
    device: fields.device.id,
    claims,
  });
  session.silencedUntil = standing.silencedUntil;
  await edge.delivery.attach(session, fields.open ?? [], (attachment) => {
    session.attachment = attachment;
    if (!connection.isClosed) connection.open(session, id, okFields(edge, session, { user, log }));
  });
  if (connection.isClosed) return edge.delivery.detach(session.attachment!);
  edge.presence.enter(session);
  replaceOlder(edge, session);
  connection.drainBacklog();
}

/** The user as shown to others; what the token says of them is kept. */
async function introduce(edge: Edge, claims: Claims): Promise<User> {
  const { users } = edge.store;
  const [known] = await users.profiles([claims.user]);
  const name = claims.name ?? known?.name ?? claims.user;
  const avatar = claims.picture ?? known?.avatar;
  const withAvatar = avatar === undefined ? {} : { avatar };
  if (known === undefined || known.name !== name || known.avatar !== avatar)
    await users.putProfile({ user: claims.user, name, ...withAvatar, at: edge.clock.now() });
  return { id: claims.user, name, ...withAvatar };
}

function okFields(edge: Edge, session: Session, { user, log }: { user: User; log: string }): object {
  const { limits, heartbeat } = edge.options;
  return {
    user,
    session: session.id,
    log,
    serverTime: edge.clock.now(),
    tokenExpiresAt: session.expiresAt,
    limits,
    heartbeat,
  };
}

function replaceOlder(edge: Edge, session: Session): void {
  const { user, device, id } = session;
  closeReplaced(edge, { user, device, session: id });
  const key: RouteKey = `user:${user}`;
  publishTo(edge.bus, key, { kind: 'session', user, device, session: id }).catch((error: unknown) => {
    edge.logger.debug({ err: error }, 'other gateways could not be told of a newer connection');
  });
}

/** Closes the connections of the device that are older than the session. */
export function closeReplaced(edge: Edge, newer: { user: string; device: string; session: string }): void {
  for (const session of sessionsOf(edge, newer.user))
    if (session.device === newer.device && session.id < newer.session) session.connection.closeAfterReplies('replaced');
}

function refusalOf({ name, message, path }: WireError): Refusal {
  if (path === 'token') return new Refusal('unauthenticated');
  return new Refusal(name, { message, ...(path === undefined ? {} : { path }) });
}

/** Only a refusal that a new token may change ends in `auth`; trouble of ours lets the client come back. */
function closeNameOf(error: WireError): CloseName {
  return wireError(error.name).temporary || error.name === 'internal' ? 'restart' : 'auth';
}
