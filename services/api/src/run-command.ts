import { isDurableCommand, type CommandFields, type DurableCommandType } from '@garam/protocol/commands';
import type { PresenceState } from '@garam/protocol/entities';
import { Refusal } from '@garam/protocol/errors';
import type { ApiDeps } from './api-deps.ts';
import { changePrefs } from './change-prefs.ts';
import type { Caller } from './caller.ts';
import type { CommandCall } from './command-call.ts';
import { publishTo } from './publish-to.ts';
import { recordMark } from './record-mark.ts';
import { runDurable } from './run-durable.ts';

export type RunDeps = Pick<ApiDeps, 'log' | 'store' | 'bus' | 'intake' | 'views' | 'clock' | 'verifier'> & {
  bigChat: number;
};

/** Runs one command and gives the fields of its ok. @throws Refusal */
export function runCommand(deps: RunDeps, call: CommandCall): Promise<object> {
  if (isDurableCommand(call.type)) return runDurable(deps, call as CommandCall<DurableCommandType>);
  const { views } = deps;
  const viewer = call.caller.id;
  switch (call.type) {
    case 'chats.list':
      return views.chatsList(viewer, call.fields as CommandFields<'chats.list'>);
    case 'chat.get':
      return views.chat(viewer, (call.fields as CommandFields<'chat.get'>).chat).then((chat) => ({ chat }));
    case 'members.list':
      return views.membersList(viewer, call.fields as CommandFields<'members.list'>);
    case 'history':
      return views.history(viewer, call.fields as CommandFields<'history'>);
    case 'sync':
      return views.sync(viewer, call.fields as CommandFields<'sync'>);
    case 'messages.get':
      return views.messagesGet(viewer, call.fields as CommandFields<'messages.get'>);
    case 'users.get':
      return views.usersGet(call.fields as CommandFields<'users.get'>);
    case 'chat.view':
      return view(deps, viewer, call.fields as CommandFields<'chat.view'>);
    case 'presence.watch':
      return presence(deps, viewer, call.fields as CommandFields<'presence.watch'>);
    case 'chat.prefs':
      return changePrefs(deps, viewer, call.fields as CommandFields<'chat.prefs'>);
    case 'user.block':
      return block(deps, viewer, call.fields as CommandFields<'user.block'>);
    case 'typing':
      return typing(deps, viewer, call.fields as CommandFields<'typing'>);
    case 'read':
    case 'delivered':
      return recordMark(deps, call as CommandCall<'read' | 'delivered'>);
    case 'ping':
      return Promise.resolve({ serverTime: deps.clock.now() });
    case 'auth.refresh':
      return refresh(deps, call.caller, call.fields as CommandFields<'auth.refresh'>);
    case 'active':
    case 'presence.unwatch':
      // They speak of a connection, and there is none: nothing to do is done.
      return Promise.resolve({});
    default:
      return Promise.reject(new Refusal('unknown_type'));
  }
}

/** Over HTTP nothing follows what is on screen: the answer is a snapshot. */
async function view({ views }: RunDeps, viewer: string, fields: CommandFields<'chat.view'>): Promise<object> {
  const { chat, from, to } = fields;
  if (chat === null) return {};
  return views.view(viewer, {
    chat,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  });
}

/** States of those one shares a chat with; the others are left out. Nothing is watched over HTTP. */
async function presence(
  { views, bus, store }: RunDeps,
  viewer: string,
  { users }: CommandFields<'presence.watch'>,
): Promise<object> {
  const known = await views.acquaintances(viewer, [...new Set(users)]);
  const [online, profiles] = await Promise.all([bus.presence.get(known), store.users.profiles(known)]);
  const lastSeen = new Map(profiles.map((profile) => [profile.user, profile.lastSeenAt]));
  const states = known.map((user, index) => {
    const state: PresenceState = { user, online: online[index] ?? false };
    const lastSeenAt = lastSeen.get(user);
    if (lastSeenAt !== undefined) state.lastSeenAt = lastSeenAt;
    return state;
  });
  return { states };
}

async function block(
  { store, intake, bus, clock }: RunDeps,
  viewer: string,
  { user, on }: CommandFields<'user.block'>,
): Promise<object> {
  if (user === viewer) throw new Refusal('invalid', { message: 'yourself', path: 'user' });
  await store.users.block(viewer, user, on, clock.now());
  intake.blockChanged(viewer, user, on);
  await publishTo(bus, `user:${user}`, { kind: 'block', user: viewer, other: user, on });
  return {};
}

/** Says how long the token is good for. @throws Refusal */
async function refresh(
  { verifier }: RunDeps,
  caller: Caller,
  { token }: CommandFields<'auth.refresh'>,
): Promise<object> {
  const claims = await verifier.verify(token);
  if (claims.user !== caller.id) throw new Refusal('token_invalid', { message: 'The token is of another user.' });
  return { tokenExpiresAt: claims.expiresAt };
}

async function typing({ views, bus }: RunDeps, viewer: string, { chat, on }: CommandFields<'typing'>): Promise<object> {
  await views.access(viewer, chat);
  await publishTo(bus, `chat:${chat}`, { kind: 'typing', chat, user: viewer, on });
  return {};
}
