import { z } from 'zod';
import {
  attachmentField,
  attemptField,
  avatarField,
  cursorNumberField,
  dataField,
  emojiField,
  idField,
  limitField,
  mentionField,
  messageTextField,
  pageCursorField,
  seqField,
  settingsField,
  titleField,
  userField,
  usersField,
} from './fields.ts';

/** Fields of every command that changes a chat: recognised again by (actor, clientId). */
const durable = { clientId: idField, attempt: attemptField };
const notBlank = (text: string | undefined) => text === undefined || text.trim().length > 0;
const NOT_BLANK = { message: 'blank', path: ['text'] };

const messageSend = z
  .object({
    ...durable,
    chat: idField,
    kind: z.enum(['text', 'image', 'file', 'custom', 'system']),
    text: messageTextField.optional(),
    data: dataField.optional(),
    replyTo: seqField.optional(),
    mentions: z.array(mentionField).max(50).optional(),
    attachments: z.array(attachmentField).max(10).optional(),
  })
  .refine((send) => notBlank(send.text), NOT_BLANK)
  .refine((send) => send.kind !== 'text' || send.text !== undefined, { message: 'required', path: ['text'] })
  .refine((send) => (send.kind !== 'image' && send.kind !== 'file') || (send.attachments?.length ?? 0) > 0, {
    message: 'required',
    path: ['attachments'],
  })
  .refine((send) => send.kind !== 'custom' || send.data !== undefined || send.text !== undefined, {
    message: 'required',
    path: ['data'],
  })
  .refine((send) => send.kind !== 'system' || send.data !== undefined || send.text !== undefined, {
    message: 'required',
    path: ['text'],
  })
  .refine(mentionsInText, { message: 'outside the text', path: ['mentions'] });

const messageEdit = z
  .object({
    ...durable,
    chat: idField,
    seq: seqField,
    text: messageTextField.optional(),
    data: dataField.optional(),
    mentions: z.array(mentionField).max(50).optional(),
  })
  .refine((edit) => notBlank(edit.text), NOT_BLANK)
  .refine((edit) => edit.text !== undefined || edit.data !== undefined || edit.mentions !== undefined, {
    message: 'required',
    path: ['text'],
  });

function mentionsInText(send: {
  text?: string | undefined;
  mentions?: { from: number; length: number }[] | undefined;
}): boolean {
  const units = send.text?.length ?? 0;
  return (send.mentions ?? []).every((mention) => mention.from + mention.length <= units);
}

/** The fields of each command, without `t` and `id`. Unknown fields are ignored. */
export const commandSchemas = {
  hello: z.object({
    token: z.string().min(1).max(16_384),
    device: z.object({ id: idField, platform: z.string().max(32).optional() }),
    open: z
      .array(z.object({ chat: idField, seq: cursorNumberField, rev: cursorNumberField }))
      .max(200)
      .optional(),
  }),
  'auth.refresh': z.object({ token: z.string().min(1).max(16_384) }),
  ping: z.object({}),
  pong: z.object({}),
  'chats.list': z.object({ limit: limitField(100), cursor: pageCursorField }),
  'chat.get': z.object({ chat: idField }),
  'chat.create': z.object({
    ...durable,
    kind: z.enum(['direct', 'group', 'channel']),
    members: z.array(userField).max(200),
    title: titleField.optional(),
    avatar: avatarField.optional(),
    settings: settingsField.optional(),
  }),
  'chat.update': z
    .object({
      ...durable,
      chat: idField,
      title: titleField.optional(),
      avatar: avatarField.optional(),
      settings: settingsField.optional(),
    })
    .refine((update) => update.title !== undefined || update.avatar !== undefined || update.settings !== undefined, {
      message: 'required',
      path: ['title'],
    }),
  'chat.join': z.object({ ...durable, chat: idField }),
  'chat.leave': z.object({ ...durable, chat: idField }),
  'chat.prefs': z.object({
    chat: idField,
    muted: z.boolean().optional(),
    pinned: z.boolean().optional(),
    hidden: z.boolean().optional(),
  }),
  'chat.view': z.object({ chat: idField.nullable(), from: seqField.optional(), to: seqField.optional() }),
  'members.list': z.object({ chat: idField, limit: limitField(200), cursor: pageCursorField }),
  'member.add': z.object({ ...durable, chat: idField, users: usersField }),
  'member.remove': z.object({ ...durable, chat: idField, user: userField }),
  'member.role': z.object({ ...durable, chat: idField, user: userField, role: z.enum(['owner', 'admin', 'member']) }),
  'message.send': messageSend,
  'message.edit': messageEdit,
  'message.delete': z.object({ ...durable, chat: idField, seq: seqField }),
  'reaction.set': z.object({ ...durable, chat: idField, seq: seqField, emoji: emojiField, on: z.boolean() }),
  'messages.get': z.object({ chat: idField, seqs: z.array(seqField).min(1).max(100) }),
  history: z
    .object({
      chat: idField,
      before: seqField.optional(),
      after: cursorNumberField.optional(),
      around: seqField.optional(),
      limit: limitField(100),
    })
    .refine((page) => [page.before, page.after, page.around].filter((at) => at !== undefined).length <= 1, {
      message: 'at most one of before, after, around',
      path: ['before'],
    }),
  sync: z.object({ chat: idField, seq: cursorNumberField, rev: cursorNumberField, limit: limitField(500) }),
  read: z.object({ chat: idField, seq: seqField }),
  delivered: z.object({ chat: idField, seq: seqField }),
  typing: z.object({ chat: idField, on: z.boolean() }),
  active: z.object({ on: z.boolean() }),
  'presence.watch': z.object({ users: usersField }),
  'presence.unwatch': z.object({ users: usersField }),
  'users.get': z.object({ users: usersField }),
  'user.block': z.object({ user: userField, on: z.boolean() }),
} as const;

export type CommandType = keyof typeof commandSchemas;
/** The fields of one command type. */
export type CommandFields<T extends CommandType = CommandType> = z.infer<(typeof commandSchemas)[T]>;

/** Commands that go through the log: they carry `clientId` and change a chat. */
export const DURABLE_COMMANDS = [
  'chat.create',
  'chat.update',
  'chat.join',
  'chat.leave',
  'member.add',
  'member.remove',
  'member.role',
  'message.send',
  'message.edit',
  'message.delete',
  'reaction.set',
] as const satisfies readonly CommandType[];
export type DurableCommandType = (typeof DURABLE_COMMANDS)[number];

/** Commands that may come without `id` and then get no reply. */
export const UNANSWERED_COMMANDS: ReadonlySet<CommandType> = new Set<CommandType>([
  'read',
  'delivered',
  'typing',
  'active',
  'pong',
]);

/** Commands about a connection itself: not available as `POST /v1/{t}`. */
export const CONNECTION_COMMANDS: ReadonlySet<CommandType> = new Set<CommandType>(['hello', 'pong']);

export function isCommandType(type: string): type is CommandType {
  return Object.hasOwn(commandSchemas, type);
}

export function isDurableCommand(type: CommandType): type is DurableCommandType {
  return (DURABLE_COMMANDS as readonly string[]).includes(type);
}
