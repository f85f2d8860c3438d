import type { CommandType } from '@garam/protocol/commands';
import { flag, integer, listOf, object, ref, text, type JsonSchema } from './json-schema.ts';

const EMPTY = object({});
const AGAIN = { 'duplicate?': flag, 'unchanged?': flag };
const DURABLE = object({ rev: integer, ...AGAIN });
const CHAT = object({ chat: ref('Summary') });
const MADE_CHAT = object({ chat: ref('Summary'), ...AGAIN });
const USERS = listOf(ref('User'));
const UNREAD_BY = listOf({ type: 'array', prefixItems: [integer, integer], minItems: 2, maxItems: 2 });

/** The body of a 200 by command: the fields of its `ok`. */
export const OK_SCHEMAS: Record<CommandType, JsonSchema> = {
  hello: EMPTY,
  'auth.refresh': object({ tokenExpiresAt: integer }),
  ping: object({ serverTime: integer }),
  pong: EMPTY,
  'chats.list': object({ chats: listOf(ref('Summary')), 'next?': text, unreadTotal: integer, users: USERS }),
  'chat.get': CHAT,
  'chat.create': MADE_CHAT,
  'chat.update': DURABLE,
  'chat.join': MADE_CHAT,
  'chat.leave': DURABLE,
  'chat.prefs': EMPTY,
  'chat.view': object({ 'marks?': listOf(ref('Mark')), 'unreadBy?': UNREAD_BY }),
  'members.list': object({ members: listOf(ref('Member')), 'next?': text, users: USERS }),
  'member.add': DURABLE,
  'member.remove': DURABLE,
  'member.role': DURABLE,
  'message.send': object({ chat: text, clientId: text, seq: integer, rev: integer, at: integer, ...AGAIN }),
  'message.edit': DURABLE,
  'message.delete': DURABLE,
  'reaction.set': DURABLE,
  'messages.get': object({ messages: listOf(ref('Message')), head: ref('Head') }),
  history: object({
    messages: listOf(ref('Message')),
    notices: listOf(ref('Event')),
    hasOlder: flag,
    hasNewer: flag,
    head: ref('Head'),
    users: USERS,
  }),
  sync: {
    anyOf: [
      object({ events: listOf(ref('Event')), head: ref('Head'), more: flag }),
      object({ reset: { const: true }, head: ref('Head') }),
    ],
  },
  read: EMPTY,
  delivered: EMPTY,
  typing: EMPTY,
  active: EMPTY,
  'presence.watch': object({ states: listOf(object({ user: text, online: flag, 'lastSeenAt?': integer })) }),
  'presence.unwatch': EMPTY,
  'users.get': object({ users: USERS }),
  'user.block': EMPTY,
};
