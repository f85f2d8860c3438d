import {
  isDurableCommand,
  type CommandFields,
  type CommandType,
  type DurableCommandType,
} from '@garam/protocol/commands';
import { wireError } from '@garam/protocol/errors';
import type { Command } from '@garam/protocol/parse-command';
import type { KnownChats } from '@garam/views/views';
import type { Edge } from '../edge.ts';
import { publishTo } from '../publish.ts';
import type { Session } from '../session/session.ts';
import { Call, wireErrorOf } from './call.ts';
import { setChatPrefs } from './chat-prefs.ts';
import { refuseDurable, takeDurable } from './durable.ts';
import { refreshToken } from './refresh-token.ts';
import { takeWatermark } from './watermarks.ts';

type Handlers = { [T in Exclude<CommandType, DurableCommandType>]: (call: Call, fields: CommandFields<T>) => void };

const handlers: Handlers = {
  hello: (call) => call.fail(wireError('invalid', { message: 'hello has been answered.', path: 't' })),
  'auth.refresh': (call, fields) => call.when(refreshToken(call, fields.token)),
  ping: (call) => call.ok({ serverTime: call.edge.clock.now() }),
  pong: (call) => call.ok({}),
  'chats.list': (call, fields) => call.when(call.edge.views.chatsList(call.session.user, fields, knownChats(call))),
  'chat.get': (call, { chat }) =>
    call.when(
      call.edge.views.chat(call.session.user, chat, call.knownRev(chat)).then((summary) => ({ chat: summary })),
    ),
  'chat.prefs': (call, fields) => call.when(setChatPrefs(call, fields)),
  'chat.view': viewChat,
  'members.list': (call, fields) =>
    call.when(call.edge.views.membersList(call.session.user, fields, call.knownRev(fields.chat))),
  'messages.get': (call, fields) =>
    call.when(call.edge.views.messagesGet(call.session.user, fields, call.knownRev(fields.chat))),
  history: (call, fields) => call.when(call.edge.views.history(call.session.user, fields, call.knownRev(fields.chat))),
  sync: (call, fields) => call.when(call.edge.views.sync(call.session.user, fields, call.knownRev(fields.chat))),
  read: (call, fields) => takeWatermark(call, 'read', fields),
  delivered: (call, fields) => takeWatermark(call, 'delivered', fields),
  typing(call, { chat, on }) {
    if (call.session.attachment?.chats.has(chat) !== true) return call.fail(wireError('not_found'));
    call.edge.typing.say(chat, call.session.user, on);
    call.ok({});
  },
  active(call, { on }) {
    if (call.session.isActive !== on) {
      call.session.isActive = on;
      if (on) call.edge.presence.enter(call.session);
      else call.edge.presence.leave(call.session);
    }
    call.ok({});
  },
  'presence.watch': (call, { users }) =>
    call.when(call.edge.presence.watch(call.session, users).then((states) => ({ states }))),
  'presence.unwatch'(call, { users }) {
    call.edge.presence.unwatch(call.session, users);
    call.ok({});
  },
  'users.get': (call, fields) => call.when(call.edge.views.usersGet(fields)),
  'user.block': (call, fields) => call.when(blockUser(call, fields)),
};

/** Never refused for their rate. */
const UNLIMITED: ReadonlySet<CommandType> = new Set<CommandType>(['read', 'delivered', 'pong']);
/** Metric attributes, made once. */
const attributes = new Map<string, { type: string }>();

/** Carries out a command, or refuses it for its rate or the number in flight. Exactly one reply follows if it has an id. */
export function dispatchCommand(edge: Edge, session: Session, command: Command, readAt: number): void {
  const call = new Call(edge, session, command.id, readAt);
  try {
    dispatch(call, command);
  } catch (error) {
    call.fail(wireErrorOf(error, edge));
  }
}

function dispatch(call: Call, command: Command): void {
  const { edge, session } = call;
  const { id, type } = command;
  edge.metrics.commands.add(1, attributesOf(type));
  const waitMs = UNLIMITED.has(type) ? 0 : session.take(type === 'message.send' ? 'messages' : 'commands');
  if (waitMs > 0) {
    refuse(call, command, waitMs);
    if (!session.forgive()) session.connection.close('too_fast');
    return;
  }
  if (!session.connection.occupy(id)) return refuse(call, command, 0);
  if (isDurableCommand(type)) return takeDurable(call, type, command.fields as CommandFields<typeof type>);
  const handle = handlers[type] as (call: Call, fields: Command['fields']) => void;
  handle(call, command.fields);
}

function refuse(call: Call, { type, fields }: Command, retryAfterMs: number): void {
  const error = wireError('rate_limited', { retryAfterMs });
  if (!isDurableCommand(type)) return call.fail(error);
  refuseDurable(call, { type, fields: fields as CommandFields<typeof type> }, error);
}

function viewChat(call: Call, { chat, from, to }: CommandFields<'chat.view'>): void {
  if (chat !== null) return call.when(call.edge.chatViews.open(call.session, { chat, from, to }, call.knownRev(chat)));
  call.edge.chatViews.close(call.session);
  call.ok({});
}

async function blockUser(call: Call, { user, on }: CommandFields<'user.block'>): Promise<object> {
  const { edge, session } = call;
  await edge.store.users.block(session.user, user, on, edge.clock.now());
  edge.intake.blockChanged(session.user, user, on);
  await publishTo(edge.bus, `user:${user}`, { kind: 'block', user: session.user, other: user, on }).catch(
    (error: unknown) => edge.logger.debug({ err: error }, 'a block could not be told to other gateways'),
  );
  return {};
}

function attributesOf(type: string): { type: string } {
  let known = attributes.get(type);
  if (known === undefined) attributes.set(type, (known = { type }));
  return known;
}

function knownChats(call: Call): KnownChats {
  return { atLeastRev: (chat) => call.knownRev(chat), live: () => call.session.attachment?.chats.keys() ?? [] };
}
