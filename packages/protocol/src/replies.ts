import type { WireError } from './errors.ts';
import type { ChatEvent, Head, Mark, Member, Message, PresenceState, Summary, User } from './entities.ts';
import type { Limits } from './limits.ts';
import type { CommandType } from './commands.ts';

/** Set on the `ok` of a command that goes through the log. */
export interface DurableOk {
  rev: number;
  /** The command changed nothing; `rev` is the current one. */
  unchanged?: true;
  /** The command had been decided before. */
  duplicate?: true;
}

/** The fields of `ok` by command, without `t` and `id`. */
export interface OkFields {
  hello: {
    user: User;
    session: string;
    log: string;
    serverTime: number;
    tokenExpiresAt: number;
    limits: Limits;
    heartbeat: { intervalMs: number; timeoutMs: number };
  };
  'auth.refresh': { tokenExpiresAt: number };
  ping: { serverTime: number };
  pong: Record<never, never>;
  'chats.list': { chats: Summary[]; next?: string; unreadTotal: number; users: User[] };
  'chat.get': { chat: Summary };
  'chat.create': { chat: Summary; duplicate?: true; unchanged?: true };
  'chat.update': DurableOk;
  'chat.join': { chat: Summary; duplicate?: true; unchanged?: true };
  'chat.leave': DurableOk;
  'chat.prefs': Record<never, never>;
  'chat.view': { marks?: Mark[]; unreadBy?: [seq: number, count: number][] };
  'members.list': { members: Member[]; next?: string; users: User[] };
  'member.add': DurableOk;
  'member.remove': DurableOk;
  'member.role': DurableOk;
  'message.send': DurableOk & { chat: string; clientId: string; seq: number; at: number };
  'message.edit': DurableOk;
  'message.delete': DurableOk;
  'reaction.set': DurableOk;
  'messages.get': { messages: Message[]; head: Head };
  history: {
    messages: Message[];
    notices: ChatEvent[];
    hasOlder: boolean;
    hasNewer: boolean;
    head: Head;
    users: User[];
  };
  sync: { events: ChatEvent[]; head: Head; more: boolean } | { reset: true; head: Head };
  read: Record<never, never>;
  delivered: Record<never, never>;
  typing: Record<never, never>;
  active: Record<never, never>;
  'presence.watch': { states: PresenceState[] };
  'presence.unwatch': Record<never, never>;
  'users.get': { users: User[] };
  'user.block': Record<never, never>;
}

export type OkFrame<T extends CommandType = CommandType> = { t: 'ok'; id: number } & OkFields[T];
export interface ErrFrame {
  t: 'err';
  /** 0 when the command had no usable id. */
  id: number;
  error: WireError;
}
