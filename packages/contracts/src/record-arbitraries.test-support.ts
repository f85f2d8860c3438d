import * as fc from 'fast-check';
import type { Attachment, MessageContent, Settings } from './chat-values.ts';
import type { CommandBody, CommandRecord } from './command-record.ts';
import type { EventBody, EventRecord } from './event-record.ts';
import type { ReceiptRecord } from './receipt-record.ts';
import type { ReplyRecord } from './reply-record.ts';

/** Records as the types allow them, absent fields absent. */
const AVRO_LONG_MAX = 2 ** 53 - 2;
const text = fc.string({ unit: 'grapheme', maxLength: 200 });
const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
const count = fc.integer({ min: 0, max: AVRO_LONG_MAX });
const seq = fc.integer({ min: 1, max: AVRO_LONG_MAX });
const users = fc.uniqueArray(name, { minLength: 1, maxLength: 20 });
const role = fc.constantFrom('owner' as const, 'admin' as const, 'member' as const);
const settings: fc.Arbitrary<Settings> = fc.record({
  join: fc.constantFrom('invite', 'open'),
  history: fc.constantFrom('joined', 'all'),
  send: fc.constantFrom('all', 'admins'),
  invite: fc.constantFrom('all', 'admins'),
});
const mentions = fc.array(fc.record({ user: name, from: count, length: count }), { maxLength: 3 });
const attachment: fc.Arbitrary<Attachment> = fc.record(
  { id: name, name: text, type: name, size: count, width: count, height: count, thumb: name },
  { requiredKeys: ['id', 'name', 'type', 'size'] },
);
const contentFields = {
  kind: fc.constantFrom<MessageContent['kind'][]>('text', 'image', 'file', 'custom', 'system'),
  text,
  data: text,
  replyTo: seq,
  mentions,
  attachments: fc.array(attachment, { maxLength: 3 }),
};
const chatFields = { kind: fc.constantFrom('direct' as const, 'group' as const, 'channel' as const), settings };
const cause = fc.record({ origin: name, command: count });

function tagged<T extends string, F>(type: T, fields: fc.Arbitrary<F>): fc.Arbitrary<{ type: T } & F> {
  return fields.map((rest) => ({ type, ...rest }));
}

const commandBody: fc.Arbitrary<CommandBody> = fc.oneof(
  tagged(
    'chat.create',
    fc.record(
      { ...chatFields, members: users, title: text, avatar: text, capacity: count },
      { requiredKeys: ['kind', 'settings', 'members', 'capacity'] },
    ),
  ),
  tagged(
    'chat.update',
    fc.record(
      { title: text, avatar: text, settings: settings.map(({ join, send }) => ({ join, send })) },
      { requiredKeys: [] },
    ),
  ),
  tagged('chat.join', fc.record({ capacity: count })),
  tagged('chat.leave', fc.constant({})),
  tagged('member.add', fc.record({ users, capacity: count })),
  tagged('member.remove', fc.record({ user: name })),
  tagged('member.role', fc.record({ user: name, role })),
  tagged('message.send', fc.record(contentFields, { requiredKeys: ['kind'] })),
  tagged(
    'message.edit',
    fc.record({ seq, author: name, text, data: text, mentions }, { requiredKeys: ['seq', 'author'] }),
  ),
  tagged('message.delete', fc.record({ seq, author: name })),
  tagged('reaction.set', fc.record({ seq, emoji: name, on: fc.boolean() })),
);

export const commandRecords: fc.Arbitrary<CommandRecord> = fc.record(
  {
    chat: name,
    actor: name,
    clientId: name,
    attempt: seq,
    sentAt: count,
    digest: text,
    refuse: name,
    privileged: fc.boolean(),
    cause,
    body: commandBody,
  },
  { requiredKeys: ['chat', 'actor', 'clientId', 'attempt', 'sentAt', 'digest', 'cause', 'body'] },
);

const eventBody: fc.Arbitrary<EventBody> = fc.oneof(
  tagged('message.created', fc.record({ clientId: name, ...contentFields }, { requiredKeys: ['clientId', 'kind'] })),
  tagged('message.edited', fc.record({ seq, text, data: text, mentions }, { requiredKeys: ['seq'] })),
  tagged('message.deleted', fc.record({ seq })),
  tagged('reaction.set', fc.record({ seq, emoji: name, on: fc.boolean() })),
  tagged(
    'chat.created',
    fc.record(
      {
        ...chatFields,
        title: text,
        avatar: text,
        members: fc.array(fc.record({ user: name, role }), { maxLength: 20 }),
      },
      { requiredKeys: ['kind', 'settings', 'members'] },
    ),
  ),
  tagged('chat.updated', fc.record({ title: text, avatar: text, settings }, { requiredKeys: [] })),
  tagged('member.added', fc.record({ users, from: seq, viewRev: seq, memberCount: count })),
  tagged('member.removed', fc.record({ user: name, memberCount: count })),
  tagged('member.role', fc.record({ user: name, role })),
);

export const eventRecords: fc.Arbitrary<EventRecord> = fc.record(
  { chat: name, rev: seq, seq: count, clock: count, by: name, cause, body: eventBody },
  { requiredKeys: ['chat', 'rev', 'seq', 'clock', 'by', 'body'] },
);

export const replyRecords: fc.Arbitrary<ReplyRecord> = fc.record(
  {
    chat: name,
    cause,
    outcome: fc.constantFrom('duplicate', 'unchanged', 'refused'),
    error: name,
    seq: count,
    rev: count,
    clock: count,
  },
  { requiredKeys: ['chat', 'cause', 'outcome', 'seq', 'rev', 'clock'] },
);

export const receiptRecords: fc.Arbitrary<ReceiptRecord> = fc.record({
  chat: name,
  marks: fc.array(fc.record({ user: name, delivered: count, read: count }), { maxLength: 20 }),
});
