import { flag, integer, listOf, object, ref, text, type JsonSchema } from './json-schema.ts';

const SETTINGS: JsonSchema = object({
  join: { enum: ['invite', 'open'] },
  history: { enum: ['joined', 'all'] },
  send: { enum: ['all', 'admins'] },
  invite: { enum: ['all', 'admins'] },
});

const MESSAGE = {
  seq: integer,
  rev: integer,
  at: integer,
  by: text,
  clientId: text,
  kind: text,
  'text?': text,
  'data?': { type: 'object' },
  'replyTo?': integer,
  'mentions?': listOf(object({ user: text, from: integer, length: integer })),
  'attachments?': listOf(
    object({ id: text, name: text, type: text, size: integer, 'width?': integer, 'height?': integer, 'thumb?': text }),
  ),
  'edited?': integer,
  'deleted?': integer,
  'reactions?': { type: 'object', additionalProperties: object({ n: integer, me: flag, users: listOf(text) }) },
};

/** Entities of the wire as callers receive them. Unknown fields, kinds and types are to be ignored. */
export const ENTITY_SCHEMAS: Record<string, JsonSchema> = {
  Head: object({ seq: integer, rev: integer, at: integer }),
  User: object({ id: text, name: text, 'avatar?': text }),
  Settings: SETTINGS,
  Message: object(MESSAGE),
  Member: object({ user: text, role: text, from: integer, read: integer, delivered: integer }),
  Mark: object({ user: text, delivered: integer, read: integer }),
  Event: {
    ...object({ chat: text, rev: integer, at: integer, by: text, type: text }),
    description: 'The other fields depend on `type`: see the protocol.',
  },
  Summary: object({
    chat: text,
    kind: { enum: ['direct', 'group', 'channel'] },
    'title?': text,
    'peer?': ref('User'),
    'avatar?': text,
    role: { enum: ['owner', 'admin', 'member'] },
    memberCount: integer,
    settings: ref('Settings'),
    head: ref('Head'),
    'last?': ref('Message'),
    visibleFrom: integer,
    read: integer,
    delivered: integer,
    unread: integer,
    muted: flag,
    pinned: flag,
    hidden: flag,
  }),
};
