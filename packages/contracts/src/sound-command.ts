import type { CommandBody, CommandRecord } from './command-record.ts';
import type { ChatKind, MessageKind, Role, Settings } from './chat-values.ts';

const CHAT_KINDS: ReadonlySet<string> = new Set<ChatKind>(['direct', 'group', 'channel']);
const MESSAGE_KINDS: ReadonlySet<string> = new Set<MessageKind>(['text', 'image', 'file', 'custom', 'system']);
const ROLES: ReadonlySet<string> = new Set<Role>(['owner', 'admin', 'member']);
const SETTINGS: { [K in keyof Settings]: ReadonlySet<string> } = {
  join: new Set<Settings['join']>(['invite', 'open']),
  history: new Set<Settings['history']>(['joined', 'all']),
  send: new Set<Settings['send']>(['all', 'admins']),
  invite: new Set<Settings['invite']>(['all', 'admins']),
};

/**
 * Whether a decoded command holds only values the rules know. Part of "undecodable": a deterministic property of the
 * bytes, so that a foreign producer's mistake becomes a dead letter and cannot stop a partition.
 */
export function isSoundCommand({ chat, actor, clientId, attempt, cause, body }: CommandRecord): boolean {
  return chat !== '' && actor !== '' && clientId !== '' && attempt >= 1 && cause.command >= 0 && isSoundBody(body);
}

function isSoundBody(body: CommandBody): boolean {
  switch (body.type) {
    case 'chat.create':
      return CHAT_KINDS.has(body.kind) && body.capacity >= 0 && areUsers(body.members) && areSettings(body.settings);
    case 'chat.update':
      return body.settings === undefined || areSettings(body.settings);
    case 'chat.join':
      return body.capacity >= 0;
    case 'chat.leave':
      return true;
    case 'member.add':
      return body.capacity >= 0 && areUsers(body.users);
    case 'member.remove':
      return body.user !== '';
    case 'member.role':
      return body.user !== '' && ROLES.has(body.role);
    case 'message.send':
      return MESSAGE_KINDS.has(body.kind) && (body.replyTo === undefined || body.replyTo >= 1);
    case 'message.edit':
    case 'message.delete':
      return body.seq >= 1 && body.author !== '';
    case 'reaction.set':
      return body.seq >= 1 && body.emoji !== '';
  }
}

function areUsers(users: readonly string[]): boolean {
  return users.length > 0 && !users.includes('') && new Set(users).size === users.length;
}

function areSettings(settings: Partial<Settings>): boolean {
  return Object.entries(settings).every(([key, value]) => SETTINGS[key as keyof Settings].has(value));
}
