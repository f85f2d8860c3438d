import { goodSend, type Scene } from './bad-scene.ts';
import { newId, userId, userIds } from './names.ts';

/** A command with a bad field, the exact error and, for `invalid`, the exact path. */
export interface BadCommand {
  name: string;
  t: string;
  fields: (scene: Scene) => Record<string, unknown>;
  error: string;
  path?: string;
}

const many = (n: number, value: unknown = 'x'): unknown[] => Array.from({ length: n }, () => value);
const MENTION = { user: 'bob', from: 0, length: 1 };
const FILE = { id: 'att_1', name: 'a.txt', type: 'text/plain', size: 1 };

/** `message.send` with some fields replaced (undefined: left out). */
function send(
  name: string,
  change: (scene: Scene) => Record<string, unknown>,
  error: string,
  path?: string,
): BadCommand {
  return row(
    `message.send: ${name}`,
    'message.send',
    (scene) => ({ ...goodSend(scene), ...change(scene) }),
    error,
    path,
  );
}

/** A command on the chat of the scene. */
function own(t: string, name: string, fields: Record<string, unknown>, error: string, path?: string): BadCommand {
  return row(`${t}: ${name}`, t, (scene) => ({ chat: scene.own, ...fields }), error, path);
}

/** A command about a chat one is not in. */
function foreign(t: string, fields: Record<string, unknown> = {}): BadCommand {
  return row(`${t}: other people's chat`, t, (scene) => ({ chat: scene.foreign, ...fields }), 'not_found');
}

function row(name: string, t: string, fields: BadCommand['fields'], error: string, path?: string): BadCommand {
  return { name, t, fields, error, ...(path === undefined ? {} : { path }) };
}

export const BAD_SENDS: BadCommand[] = [
  send('no chat', () => ({ chat: undefined }), 'invalid', 'chat'),
  send('a number as chat', () => ({ chat: 7 }), 'invalid', 'chat'),
  send('an empty chat', () => ({ chat: '' }), 'invalid', 'chat'),
  send('a path as chat', () => ({ chat: '../../etc/passwd' }), 'invalid', 'chat'),
  send('a chat of 65 characters', () => ({ chat: 'c'.repeat(65) }), 'invalid', 'chat'),
  send('SQL as chat', () => ({ chat: "x' OR '1'='1" }), 'invalid', 'chat'),
  send('a chat that does not exist', () => ({ chat: newId() }), 'not_found'),
  send("other people's chat", (scene) => ({ chat: scene.foreign }), 'not_found'),
  send("other people's chat, as a repeated attempt", (scene) => ({ chat: scene.foreign, attempt: 2 }), 'not_found'),
  send('no clientId', () => ({ clientId: undefined }), 'invalid', 'clientId'),
  send('an empty clientId', () => ({ clientId: '' }), 'invalid', 'clientId'),
  send('a clientId with a slash', () => ({ clientId: 'a/b' }), 'invalid', 'clientId'),
  send('a clientId of 65 characters', () => ({ clientId: 'c'.repeat(65) }), 'invalid', 'clientId'),
  send('a number as clientId', () => ({ clientId: 12 }), 'invalid', 'clientId'),
  send('attempt 0', () => ({ attempt: 0 }), 'invalid', 'attempt'),
  send('attempt −1', () => ({ attempt: -1 }), 'invalid', 'attempt'),
  send('attempt 1.5', () => ({ attempt: 1.5 }), 'invalid', 'attempt'),
  send('attempt as text', () => ({ attempt: '2' }), 'invalid', 'attempt'),
  send('no kind', () => ({ kind: undefined }), 'invalid', 'kind'),
  send('an unknown kind', () => ({ kind: 'hologram' }), 'invalid', 'kind'),
  send('a kind that is an object', () => ({ kind: {} }), 'invalid', 'kind'),
  send('kind system by a user', () => ({ kind: 'system' }), 'forbidden'),
  send('no text', () => ({ text: undefined }), 'invalid', 'text'),
  send('text null', () => ({ text: null }), 'invalid', 'text'),
  send('text as a number', () => ({ text: 1 }), 'invalid', 'text'),
  send('an empty text', () => ({ text: '' }), 'invalid', 'text'),
  send('a blank text', () => ({ text: ' \n\t ' }), 'invalid', 'text'),
  send('a blank text of wide spaces', () => ({ text: '\u3000\u00a0\u2003' }), 'invalid', 'text'),
  send('a text of 16 KiB + 1', () => ({ text: 'x'.repeat(16_385) }), 'too_large'),
  send('a Korean text over 16 KiB', () => ({ text: '가'.repeat(5_462) }), 'too_large'),
  send('a lone high surrogate', () => ({ text: 'a\ud83d' }), 'invalid', 'text'),
  send('a lone low surrogate', () => ({ text: '\udc4d a' }), 'invalid', 'text'),
  send('surrogates the wrong way round', () => ({ text: '\udc4d\ud83d' }), 'invalid', 'text'),
  send('data as an array', () => ({ data: [1] }), 'invalid', 'data'),
  send('data as text', () => ({ data: '{}' }), 'invalid', 'data'),
  send('data null', () => ({ data: null }), 'invalid', 'data'),
  send('data over 4 KiB', () => ({ data: { blob: 'x'.repeat(4_100) } }), 'too_large'),
  send('a lone surrogate in data', () => ({ data: { a: '\ud800' } }), 'invalid', 'data'),
  send('replyTo 0', () => ({ replyTo: 0 }), 'invalid', 'replyTo'),
  send('replyTo −1', () => ({ replyTo: -1 }), 'invalid', 'replyTo'),
  send('replyTo 1.5', () => ({ replyTo: 1.5 }), 'invalid', 'replyTo'),
  send('replyTo as text', () => ({ replyTo: '1' }), 'invalid', 'replyTo'),
  send('replyTo 2⁵³', () => ({ replyTo: 2 ** 53 }), 'invalid', 'replyTo'),
  send('replyTo a message that does not exist', () => ({ replyTo: 999 }), 'invalid', 'replyTo'),
  send('mentions as an object', () => ({ mentions: MENTION }), 'invalid', 'mentions'),
  send('51 mentions', () => ({ mentions: many(51, MENTION) }), 'too_large'),
  send('a mention of nobody', () => ({ mentions: [{ from: 0, length: 1 }] }), 'invalid', 'mentions.0.user'),
  send('a mention before the text', () => ({ mentions: [{ ...MENTION, from: -1 }] }), 'invalid', 'mentions.0.from'),
  send('a mention as text', () => ({ mentions: [MENTION, '@bob'] }), 'invalid', 'mentions.1'),
  send('an image without attachment', () => ({ kind: 'image' }), 'invalid', 'attachments'),
  send('a file with no attachment in the list', () => ({ kind: 'file', attachments: [] }), 'invalid', 'attachments'),
  send('11 attachments', () => ({ kind: 'file', attachments: many(11, FILE) }), 'too_large'),
  send(
    'an address as attachment',
    () => ({ kind: 'file', attachments: [{ ...FILE, id: 'https://evil.example.com/x' }] }),
    'invalid',
    'attachments.0.id',
  ),
  send(
    'an attachment inside the message',
    () => ({ kind: 'file', attachments: [{ ...FILE, id: 'data:text/plain;base64,AAAA' }] }),
    'invalid',
    'attachments.0.id',
  ),
  send(
    'an attachment of negative size',
    () => ({ kind: 'file', attachments: [{ ...FILE, size: -1 }] }),
    'invalid',
    'attachments.0.size',
  ),
  send(
    'an attachment without a name',
    () => ({ kind: 'file', attachments: [{ ...FILE, name: undefined }] }),
    'invalid',
    'attachments.0.name',
  ),
];

export const BAD_COMMANDS: BadCommand[] = [
  own('message.edit', "somebody else's message", { seq: 1, text: 'mine' }, 'forbidden'),
  own('message.edit', 'seq as text', { seq: '2', text: 'x' }, 'invalid', 'seq'),
  own('message.edit', 'a message that does not exist', { seq: 99, text: 'x' }, 'not_found'),
  own('message.delete', "somebody else's message", { seq: 1 }, 'forbidden'),
  own('message.delete', 'seq 0', { seq: 0 }, 'invalid', 'seq'),
  own('reaction.set', 'no emoji', { seq: 1, on: true }, 'invalid', 'emoji'),
  own('reaction.set', 'an emoji of 33 bytes', { seq: 1, emoji: 'x'.repeat(33), on: true }, 'too_large'),
  own('reaction.set', 'on as text', { seq: 1, emoji: '👍', on: 'yes' }, 'invalid', 'on'),
  own('chat.update', 'nothing to update', {}, 'invalid', 'title'),
  own('chat.update', 'as a member', { title: 'mine' }, 'forbidden'),
  own('member.add', 'nobody', { users: [] }, 'invalid', 'users'),
  own('member.add', '201 people', { users: userIds('m', 201) }, 'too_large'),
  own('member.add', 'a service', { users: ['service:x'] }, 'invalid', 'users.0'),
  own('member.role', 'an unknown role', { user: 'x', role: 'king' }, 'invalid', 'role'),
  own('member.role', 'oneself as owner', { user: 'x', role: 'owner' }, 'forbidden'),
  own('history', 'before as text', { before: '5' }, 'invalid', 'before'),
  own('history', 'two positions', { before: 5, after: 1 }, 'invalid', 'before'),
  own('history', 'limit 101', { limit: 101 }, 'invalid', 'limit'),
  own('sync', 'a negative rev', { seq: 0, rev: -1 }, 'invalid', 'rev'),
  own('sync', 'a rev of 2⁵³', { seq: 0, rev: 2 ** 53 }, 'invalid', 'rev'),
  own('messages.get', 'no list', { seqs: 5 }, 'invalid', 'seqs'),
  own('messages.get', '101 messages', { seqs: many(101, 1) }, 'too_large'),
  own('read', 'a negative seq', { seq: -1 }, 'invalid', 'seq'),
  own('delivered', 'seq as text', { seq: '1' }, 'invalid', 'seq'),
  own('typing', 'no on', {}, 'invalid', 'on'),
  own('chat.view', 'from as text', { from: 'top' }, 'invalid', 'from'),
  own('chat.prefs', 'pinned as text', { pinned: 'yes' }, 'invalid', 'pinned'),
  foreign('chat.get'),
  foreign('chat.update', { title: 'taken' }),
  foreign('chat.join'),
  foreign('chat.leave'),
  foreign('chat.prefs', { muted: true }),
  foreign('chat.view', { from: 1, to: 1 }),
  foreign('members.list'),
  foreign('member.add', { users: ['x'] }),
  foreign('member.remove', { user: 'x' }),
  foreign('member.role', { user: 'x', role: 'admin' }),
  foreign('message.edit', { seq: 1, text: 'x' }),
  foreign('message.delete', { seq: 1 }),
  foreign('reaction.set', { seq: 1, emoji: '👍', on: true }),
  foreign('messages.get', { seqs: [1] }),
  foreign('history'),
  foreign('sync', { seq: 0, rev: 0 }),
  foreign('read', { seq: 1 }),
  foreign('delivered', { seq: 1 }),
  foreign('typing', { on: true }),
  row('chat.create: an unknown kind', 'chat.create', () => ({ kind: 'party', members: [] }), 'invalid', 'kind'),
  row('chat.create: no members', 'chat.create', () => ({ kind: 'group' }), 'invalid', 'members'),
  row('chat.create: members as text', 'chat.create', () => ({ kind: 'group', members: 'bob' }), 'invalid', 'members'),
  row('chat.create: an empty member', 'chat.create', () => ({ kind: 'group', members: [''] }), 'invalid', 'members.0'),
  row(
    'chat.create: a control character in a member',
    'chat.create',
    () => ({ kind: 'group', members: ['a', 'b\u0007'] }),
    'invalid',
    'members.1',
  ),
  row(
    'chat.create: a member of 129 bytes',
    'chat.create',
    () => ({ kind: 'group', members: ['가'.repeat(43)] }),
    'invalid',
    'members.0',
  ),
  row(
    'chat.create: a lone surrogate in a member',
    'chat.create',
    () => ({ kind: 'group', members: ['a\ud800'] }),
    'invalid',
    'members.0',
  ),
  row(
    'chat.create: a service as member',
    'chat.create',
    () => ({ kind: 'group', members: ['service:x'] }),
    'invalid',
    'members.0',
  ),
  row(
    'chat.create: a title of 101 characters',
    'chat.create',
    () => ({ kind: 'group', members: [], title: 'x'.repeat(101) }),
    'too_large',
  ),
  row(
    'chat.create: a lone surrogate in the title',
    'chat.create',
    () => ({ kind: 'group', members: [], title: '\udfff' }),
    'invalid',
    'title',
  ),
  row(
    'chat.create: unknown settings value',
    'chat.create',
    () => ({ kind: 'group', members: [], settings: { join: 'maybe' } }),
    'invalid',
    'settings.join',
  ),
  row(
    'chat.create: a direct chat of three',
    'chat.create',
    () => ({ kind: 'direct', members: userIds('m', 2) }),
    'invalid',
    'members',
  ),
  row('chats.list: limit as text', 'chats.list', () => ({ limit: 'all' }), 'invalid', 'limit'),
  row('chats.list: a cursor that is none', 'chats.list', () => ({ cursor: '%%%' }), 'invalid', 'cursor'),
  row('users.get: users as object', 'users.get', () => ({ users: { 0: 'a' } }), 'invalid', 'users'),
  row('presence.watch: 201 people', 'presence.watch', () => ({ users: userIds('m', 201) }), 'too_large'),
  row('active: no on', 'active', () => ({}), 'invalid', 'on'),
  row('auth.refresh: no token', 'auth.refresh', () => ({}), 'invalid', 'token'),
  row('auth.refresh: a token that is none', 'auth.refresh', () => ({ token: 'x.y.z' }), 'token_invalid'),
  row('user.block: nobody', 'user.block', () => ({ on: true }), 'invalid', 'user'),
  row('an unknown command', 'chat.destroy', (scene) => ({ chat: scene.own }), 'unknown_type'),
  row('the name of a method', 'constructor', () => ({}), 'unknown_type'),
  row('__proto__ as command', '__proto__', () => ({}), 'unknown_type'),
  row('a command in capitals', 'MESSAGE.SEND', goodSend, 'unknown_type'),
  row('an admin command over the WebSocket', 'admin/user', () => ({ user: userId('x'), banned: true }), 'unknown_type'),
];
