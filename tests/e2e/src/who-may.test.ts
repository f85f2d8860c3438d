import { beforeEach, describe, expect, it } from 'vitest';
import { newGroup, people, say, summaryOf } from './chats.ts';
import { userId } from './names.ts';
import type { Fields, WsClient } from './ws-client.ts';

/** The five people of every chat below; `outsider` is in none of them. */
interface Cast {
  owner: WsClient;
  admin: WsClient;
  admin2: WsClient;
  member: WsClient;
  member2: WsClient;
  outsider: WsClient;
}

type Actor = 'owner' | 'admin' | 'member' | 'outsider';
type Answer = 'ok' | 'forbidden' | 'not_found';

interface Rule {
  name: string;
  t: string;
  fields: (cast: Cast) => Fields;
  settings?: Fields;
  /** Answers to owner, admin, member and outsider. */
  answers: [Answer, Answer, Answer, Answer];
  /** The command is a query or a no-op: it leaves no event even when it is ok. */
  silent?: boolean;
}

const ACTORS: Actor[] = ['owner', 'admin', 'member', 'outsider'];
const FROM_ADMIN_UP: Rule['answers'] = ['ok', 'ok', 'forbidden', 'not_found'];
const OWNER_ONLY: Rule['answers'] = ['ok', 'forbidden', 'forbidden', 'not_found'];
const NOBODY: Rule['answers'] = ['forbidden', 'forbidden', 'forbidden', 'not_found'];
const MEMBERS: Rule['answers'] = ['ok', 'ok', 'ok', 'not_found'];

const RULES: Rule[] = [
  { name: 'update the chat', t: 'chat.update', fields: () => ({ title: 'New' }), answers: FROM_ADMIN_UP },
  {
    name: 'invite where all may',
    t: 'member.add',
    fields: () => ({ users: [userId('new')] }),
    settings: { invite: 'all' },
    answers: MEMBERS,
  },
  {
    name: 'invite where admins may',
    t: 'member.add',
    fields: () => ({ users: [userId('new')] }),
    settings: { invite: 'admins' },
    answers: FROM_ADMIN_UP,
  },
  {
    name: 'remove a member',
    t: 'member.remove',
    fields: (cast) => ({ user: cast.member2.user }),
    answers: FROM_ADMIN_UP,
  },
  { name: 'remove an admin', t: 'member.remove', fields: (cast) => ({ user: cast.admin2.user }), answers: OWNER_ONLY },
  { name: 'remove the owner', t: 'member.remove', fields: (cast) => ({ user: cast.owner.user }), answers: NOBODY },
  {
    name: 'make a member admin',
    t: 'member.role',
    fields: (cast) => ({ user: cast.member2.user, role: 'admin' }),
    answers: FROM_ADMIN_UP,
  },
  {
    name: 'make an admin member',
    t: 'member.role',
    fields: (cast) => ({ user: cast.admin2.user, role: 'member' }),
    answers: OWNER_ONLY,
  },
  {
    name: 'give ownership to a member',
    t: 'member.role',
    fields: (cast) => ({ user: cast.member2.user, role: 'owner' }),
    answers: OWNER_ONLY,
  },
  {
    name: 'give ownership to an admin',
    t: 'member.role',
    fields: (cast) => ({ user: cast.admin2.user, role: 'owner' }),
    answers: OWNER_ONLY,
  },
  {
    name: 'make the owner member',
    t: 'member.role',
    fields: (cast) => ({ user: cast.owner.user, role: 'member' }),
    answers: NOBODY,
  },
  {
    name: 'send where all may',
    t: 'message.send',
    fields: () => ({ kind: 'text', text: 'hi' }),
    settings: { send: 'all' },
    answers: MEMBERS,
  },
  {
    name: 'send where admins may',
    t: 'message.send',
    fields: () => ({ kind: 'text', text: 'hi' }),
    settings: { send: 'admins' },
    answers: FROM_ADMIN_UP,
  },
  {
    name: "edit somebody else's message",
    t: 'message.edit',
    fields: () => ({ seq: 2, text: 'edited' }),
    answers: NOBODY,
  },
  { name: "delete somebody else's message", t: 'message.delete', fields: () => ({ seq: 2 }), answers: FROM_ADMIN_UP },
  { name: "delete the owner's message", t: 'message.delete', fields: () => ({ seq: 1 }), answers: FROM_ADMIN_UP },
  { name: 'react', t: 'reaction.set', fields: () => ({ seq: 1, emoji: '👍', on: true }), answers: MEMBERS },
  {
    name: 'join a chat by invitation',
    t: 'chat.join',
    fields: () => ({}),
    settings: { join: 'invite' },
    answers: MEMBERS,
    silent: true,
  },
  { name: 'read history', t: 'history', fields: () => ({}), answers: MEMBERS, silent: true },
  { name: 'read messages', t: 'messages.get', fields: () => ({ seqs: [1] }), answers: MEMBERS, silent: true },
  { name: 'sync', t: 'sync', fields: () => ({ seq: 2, rev: 5 }), answers: MEMBERS, silent: true },
  { name: 'list members', t: 'members.list', fields: () => ({}), answers: MEMBERS, silent: true },
  { name: 'see the chat', t: 'chat.get', fields: () => ({}), answers: MEMBERS, silent: true },
  { name: 'view', t: 'chat.view', fields: () => ({ from: 1, to: 2 }), answers: MEMBERS, silent: true },
  { name: 'mark read', t: 'read', fields: () => ({ seq: 1 }), answers: MEMBERS, silent: true },
  { name: 'mark delivered', t: 'delivered', fields: () => ({ seq: 1 }), answers: MEMBERS, silent: true },
  { name: 'type', t: 'typing', fields: () => ({ on: false }), answers: MEMBERS, silent: true },
  { name: 'set preferences', t: 'chat.prefs', fields: () => ({ muted: true }), answers: MEMBERS, silent: true },
];

/** A chat with owner, two admins and two members; seq 1 is the owner's, seq 2 that of `member2`. */
async function castChat(cast: Cast, settings: Fields = {}): Promise<string> {
  const { owner, admin, admin2, member, member2 } = cast;
  const chat = await newGroup(owner, [admin, admin2, member, member2], { settings: { join: 'invite' } });
  await owner.ok('member.role', { chat, user: admin.user, role: 'admin' });
  await owner.ok('member.role', { chat, user: admin2.user, role: 'admin' });
  await say(owner, chat, 'by the owner');
  await say(member2, chat, 'by a member');
  if (Object.keys(settings).length > 0) await owner.ok('chat.update', { chat, settings });
  return chat;
}

describe('who may', () => {
  let cast: Cast;
  const renew = async (): Promise<void> => {
    const [owner, admin, admin2, member, member2, outsider] = await people(
      'owner',
      'admin',
      'admin2',
      'member',
      'member2',
      'outsider',
    );
    cast = { owner, admin, admin2, member, member2, outsider };
  };
  beforeEach(renew);

  for (const rule of RULES) {
    it(`${rule.name}: ${ACTORS.map((actor, i) => `${actor} ${rule.answers[i]}`).join(', ')}`, async () => {
      for (const [i, actor] of ACTORS.entries()) {
        const chat = await castChat(cast, rule.settings);
        const before = (await summaryOf(cast.owner, chat)).head.rev;
        const fields = { chat, ...rule.fields(cast) };
        const answer = rule.answers[i] as Answer;
        const client = cast[actor];
        if (answer === 'ok') await client.ok(rule.t, fields);
        else await client.refused(answer, rule.t, fields);
        const after = (await summaryOf(cast.member, chat)).head.rev;
        const happened = answer === 'ok' && rule.silent !== true;
        expect(after > before, `${actor}: an event`).toBe(happened);
      }
    });
  }

  it('edit and delete: the author, while a member', async () => {
    const chat = await castChat(cast);
    await cast.member2.ok('message.edit', { chat, seq: 2, text: 'mine' });
    await cast.member2.ok('message.delete', { chat, seq: 2 });
  });

  it('leave: everybody but the owner, who leaves last', async () => {
    const chat = await castChat(cast);
    await cast.owner.refused('forbidden', 'chat.leave', { chat });
    await cast.outsider.refused('not_found', 'chat.leave', { chat });
    for (const client of [cast.admin, cast.admin2, cast.member, cast.member2]) await client.ok('chat.leave', { chat });
    await cast.owner.ok('chat.leave', { chat });
    await cast.owner.refused('not_found', 'chat.get', { chat });
  });
});
