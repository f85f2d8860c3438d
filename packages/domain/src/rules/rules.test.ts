import { describe, expect, it } from 'vitest';
import type { CommandBody } from '@garam/contracts/command-record';
import { command, create, foldedChat, group, outcome, say, type FoldedChat } from '../folded-chat.test-support.ts';

const does = (chat: FoldedChat, actor: string, body: CommandBody) => outcome(chat.apply(command(actor, body)));
const asServer = (chat: FoldedChat, actor: string, body: CommandBody) =>
  outcome(chat.apply(command(actor, body, { privileged: true })));

function direct(): FoldedChat {
  const chat = foldedChat();
  chat.apply(command('alice', create(['alice', 'bob'], { kind: 'direct' })));
  chat.apply(command('alice', say('hi')));
  return chat;
}

const EVERY_BODY: CommandBody[] = [
  { type: 'chat.update', title: 'new' },
  { type: 'chat.leave' },
  { type: 'member.add', users: ['dave'], capacity: 100 },
  { type: 'member.remove', user: 'bob' },
  { type: 'member.role', user: 'bob', role: 'admin' },
  say('hi'),
  { type: 'message.edit', seq: 1, author: 'mallory', text: 'x' },
  { type: 'message.delete', seq: 1, author: 'mallory' },
  { type: 'reaction.set', seq: 1, emoji: '👍', on: true },
];

describe('chat.create', () => {
  it('makes the creator owner and the others members; all of them see everything', () => {
    const { events } = foldedChat().apply(command('alice', create(['bob', 'alice'], { title: 'Trip', avatar: 'f1' })));
    expect(events[0]!.body).toEqual({
      type: 'chat.created',
      kind: 'group',
      title: 'Trip',
      avatar: 'f1',
      settings: { join: 'invite', history: 'joined', send: 'all', invite: 'all' },
      members: [
        { user: 'alice', role: 'owner' },
        { user: 'bob', role: 'member' },
      ],
    });
  });

  it('in a direct chat both are equals', () => {
    const chat = direct();
    expect([chat.role('alice'), chat.role('bob')]).toEqual(['member', 'member']);
  });

  it('with oneself alone is a chat of notes', () => {
    const chat = foldedChat();
    expect(does(chat, 'alice', create(['alice'], { kind: 'direct' }))).toBe('ok');
    expect(chat.state().memberCount).toBe(1);
  });

  it('of a chat that exists is asking for it, by either of the two', () => {
    const chat = direct();
    expect(does(chat, 'bob', create(['alice', 'bob'], { kind: 'direct' }))).toBe('unchanged');
    expect(does(chat, 'carol', create(['alice', 'carol'], { kind: 'direct' }))).toBe('not_found');
  });

  it('beyond the capacity is refused', () => {
    expect(does(foldedChat(), 'alice', create(['alice', 'bob'], { capacity: 1 }))).toBe('full');
    expect(does(foldedChat(), 'alice', create(['alice', 'bob', 'carol'], { kind: 'direct' }))).toBe('invalid');
  });

  it('by a service has no owner until the service names one', () => {
    const chat = foldedChat();
    expect(does(chat, 'service:shop', create(['bob']))).toBe('ok');
    expect(chat.state().owner).toBeUndefined();
    expect(does(chat, 'service:shop', { type: 'member.role', user: 'bob', role: 'owner' })).toBe('ok');
    expect(chat.state()).toMatchObject({ owner: 'bob', memberCount: 1 });
  });
});

describe('a chat one is not in', () => {
  it.each(EVERY_BODY)('answers not_found to $type', (body) => {
    const chat = group();
    chat.apply(command('alice', say('hi')));
    expect(does(chat, 'mallory', body)).toBe('not_found');
    expect(does(foldedChat(), 'alice', body)).toBe('not_found');
  });
});

describe('a direct chat', () => {
  it.each(EVERY_BODY.slice(0, 5))('forbids $type', (body) => {
    expect(does(direct(), 'alice', body)).toBe('forbidden');
    expect(asServer(direct(), 'service:ops', body)).toBe('forbidden');
  });

  it('does not exist for a third who wants to join, whatever its settings say', () => {
    const chat = foldedChat();
    const settings = { join: 'open', history: 'all', send: 'all', invite: 'all' } as const;
    chat.apply(command('alice', create(['alice', 'bob'], { kind: 'direct', settings })));
    expect(does(chat, 'carol', { type: 'chat.join', capacity: 100 })).toBe('not_found');
  });
});

describe('chat.update', () => {
  it('is for admins and the owner', () => {
    expect(does(group(), 'alice', { type: 'chat.update', title: 't' })).toBe('ok');
    expect(does(group(), 'ann', { type: 'chat.update', title: 't' })).toBe('ok');
    expect(does(group(), 'bob', { type: 'chat.update', title: 't' })).toBe('forbidden');
  });

  it('says what changed, settings whole; nothing different is a no-op', () => {
    const chat = group();
    const change: CommandBody = { type: 'chat.update', title: 't', settings: { send: 'admins', join: 'invite' } };
    expect(chat.apply(command('alice', change)).events[0]!.body).toEqual({
      type: 'chat.updated',
      title: 't',
      settings: { join: 'invite', history: 'joined', send: 'admins', invite: 'all' },
    });
    expect(does(chat, 'alice', change)).toBe('unchanged');
    expect(chat.apply(command('alice', { type: 'chat.update', title: 't', avatar: 'a' })).events[0]!.body).toEqual({
      type: 'chat.updated',
      avatar: 'a',
    });
  });
});

describe('chat.join', () => {
  const join: CommandBody = { type: 'chat.join', capacity: 5 };

  it('lets anyone into an open chat; an invite-only one does not exist for them', () => {
    expect(does(group({ join: 'open' }), 'dave', join)).toBe('ok');
    expect(does(group(), 'dave', join)).toBe('not_found');
    expect(does(foldedChat(), 'dave', join)).toBe('not_found');
  });

  it('by a member is a no-op, into a full chat is refused', () => {
    expect(does(group(), 'bob', join)).toBe('unchanged');
    expect(does(group({ join: 'open' }), 'dave', { type: 'chat.join', capacity: 4 })).toBe('full');
  });

  it('services are never members', () => {
    expect(does(group({ join: 'open' }), 'service:shop', join)).toBe('forbidden');
  });
});

describe('coming in', () => {
  const added = (capacity: number): CommandBody => ({ type: 'member.add', users: ['dave', 'bob', 'erin'], capacity });
  const add = added(100);

  it('shows the newcomer what comes from now on, beginning with the coming in itself', () => {
    const chat = group();
    chat.apply(command('alice', say('before')));
    const [event] = chat.apply(command('bob', add)).events;
    const body = { type: 'member.added', users: ['dave', 'erin'], from: 2, viewRev: event!.rev, memberCount: 6 };
    expect(event!.body).toEqual(body);
    expect(chat.apply(command('dave', say('hello'))).events[0]!.seq).toBe(2);
  });

  it('shows everything where the chat says so', () => {
    const chat = group({ history: 'all' });
    chat.apply(command('alice', say('before')));
    expect(chat.apply(command('bob', add)).events[0]!.body).toMatchObject({ from: 1, viewRev: 1 });
  });

  it('is all or nothing against the capacity, counting only those who are new', () => {
    expect(does(group(), 'alice', added(5))).toBe('full');
    expect(does(group(), 'alice', added(6))).toBe('ok');
    expect(does(group(), 'alice', { type: 'member.add', users: ['bob'], capacity: 1 })).toBe('unchanged');
  });

  it('is for admins where the chat says so', () => {
    expect(does(group({ invite: 'admins' }), 'bob', add)).toBe('forbidden');
    expect(does(group({ invite: 'admins' }), 'ann', add)).toBe('ok');
  });

  it('again after leaving begins anew', () => {
    const chat = group();
    chat.apply(command('bob', { type: 'chat.leave' }));
    chat.apply(command('alice', say('without bob')));
    const [event] = chat.apply(command('alice', { type: 'member.add', users: ['bob'], capacity: 100 })).events;
    expect(event!.body).toMatchObject({ users: ['bob'], from: 2, memberCount: 4 });
  });
});

describe('going out', () => {
  it('a member leaves; an owner only last', () => {
    const chat = group();
    expect(chat.apply(command('bob', { type: 'chat.leave' })).events[0]!.body).toEqual({
      type: 'member.removed',
      user: 'bob',
      memberCount: 3,
    });
    expect(does(chat, 'alice', { type: 'chat.leave' })).toBe('forbidden');
    expect(does(chat, 'carol', { type: 'chat.leave' })).toBe('ok');
    expect(does(chat, 'ann', { type: 'chat.leave' })).toBe('ok');
    expect(does(chat, 'alice', { type: 'chat.leave' })).toBe('ok');
    expect(chat.state()).toMatchObject({ memberCount: 0, owner: undefined });
  });

  it('admins and the owner remove those below them, members nobody', () => {
    const remove = (user: string): CommandBody => ({ type: 'member.remove', user });
    expect(does(group(), 'alice', remove('ann'))).toBe('ok');
    expect(does(group(), 'ann', remove('bob'))).toBe('ok');
    expect(does(group(), 'ann', remove('alice'))).toBe('forbidden');
    expect(does(group(), 'ann', remove('ann'))).toBe('forbidden');
    expect(does(group(), 'bob', remove('carol'))).toBe('forbidden');
    expect(does(group(), 'bob', remove('nobody'))).toBe('forbidden');
    expect(does(group(), 'ann', remove('nobody'))).toBe('unchanged');
  });
});

describe('member.role', () => {
  const give = (user: string, role: 'owner' | 'admin' | 'member'): CommandBody => ({ type: 'member.role', user, role });

  it('changes only lower roles, up to the own one', () => {
    expect(does(group(), 'alice', give('bob', 'admin'))).toBe('ok');
    expect(does(group(), 'ann', give('bob', 'admin'))).toBe('ok');
    expect(does(group(), 'ann', give('bob', 'owner'))).toBe('forbidden');
    expect(does(group(), 'ann', give('alice', 'member'))).toBe('forbidden');
    expect(does(group(), 'bob', give('carol', 'admin'))).toBe('forbidden');
    expect(does(group(), 'alice', give('alice', 'member'))).toBe('forbidden');
    expect(does(group(), 'alice', give('nobody', 'admin'))).toBe('not_found');
    expect(does(group(), 'alice', give('bob', 'member'))).toBe('unchanged');
  });

  it('giving ownership away makes the giver an admin: two events, never two owners', () => {
    const chat = group();
    const { events } = chat.apply(command('alice', give('bob', 'owner')));
    expect(events.map(({ body }) => body)).toEqual([give('alice', 'admin'), give('bob', 'owner')]);
    expect([chat.role('alice'), chat.role('bob'), chat.state().owner]).toEqual(['admin', 'owner', 'bob']);
    expect(does(chat, 'alice', give('carol', 'owner'))).toBe('forbidden');
  });

  it('a server naming an owner turns the former one into an admin too', () => {
    const chat = group();
    expect(asServer(chat, 'service:ops', give('carol', 'owner'))).toBe('ok');
    expect([chat.role('alice'), chat.role('carol')]).toEqual(['admin', 'owner']);
    expect(asServer(chat, 'service:ops', give('carol', 'member'))).toBe('ok');
    expect(chat.state().owner).toBeUndefined();
  });
});

describe('message.send', () => {
  it('keeps what was said, under the clientId of the sender', () => {
    const body: CommandBody = {
      type: 'message.send',
      kind: 'custom',
      text: 't',
      data: '{"a":1}',
      replyTo: 1,
      mentions: [{ user: '*', from: 0, length: 1 }],
      attachments: [{ id: 'f', name: 'n', type: 'image/png', size: 1 }],
    };
    const chat = group();
    chat.apply(command('alice', say('first')));
    const [event] = chat.apply(command('bob', body, { clientId: 'k' })).events;
    expect(event).toMatchObject({ by: 'bob', seq: 2, body: { ...body, type: 'message.created', clientId: 'k' } });
  });

  it('is for admins where the chat says so', () => {
    expect(does(group({ send: 'admins' }), 'bob', say('x'))).toBe('forbidden');
    expect(does(group({ send: 'admins' }), 'ann', say('x'))).toBe('ok');
  });

  it('system messages are for servers, which need no membership', () => {
    const system: CommandBody = { type: 'message.send', kind: 'system', text: 'booked' };
    expect(does(group(), 'alice', system)).toBe('forbidden');
    expect(does(group({ send: 'admins' }), 'service:shop', system)).toBe('ok');
    expect(asServer(group(), 'dave', system)).toBe('ok');
    expect(asServer(foldedChat(), 'service:shop', system)).toBe('not_found');
  });

  it('cannot answer a message that does not exist yet', () => {
    expect(does(group(), 'bob', { type: 'message.send', kind: 'text', text: 'x', replyTo: 1 })).toBe('invalid');
  });
});

describe('edit, delete, react', () => {
  function withMessage(): FoldedChat {
    const chat = group({ send: 'admins' });
    chat.apply(command('alice', say('hi')));
    return chat;
  }

  it('only the author edits', () => {
    const edit = (author: string): CommandBody => ({ type: 'message.edit', seq: 1, author, text: 'x', data: '{}' });
    const [event] = withMessage().apply(command('bob', edit('bob'))).events;
    expect(event!.body).toEqual({ type: 'message.edited', seq: 1, text: 'x', data: '{}' });
    expect(does(withMessage(), 'alice', edit('bob'))).toBe('forbidden');
    expect(asServer(withMessage(), 'service:ops', edit('bob'))).toBe('forbidden');
  });

  it('the author, admins, the owner and servers delete', () => {
    const remove: CommandBody = { type: 'message.delete', seq: 1, author: 'bob' };
    for (const actor of ['bob', 'ann', 'alice']) expect(does(withMessage(), actor, remove)).toBe('ok');
    expect(asServer(withMessage(), 'service:ops', remove)).toBe('ok');
    expect(does(withMessage(), 'carol', remove)).toBe('forbidden');
  });

  it('in a direct chat only the author deletes', () => {
    expect(does(direct(), 'bob', { type: 'message.delete', seq: 1, author: 'alice' })).toBe('forbidden');
    expect(does(direct(), 'alice', { type: 'message.delete', seq: 1, author: 'alice' })).toBe('ok');
  });

  it('every member reacts, also where only admins write', () => {
    expect(does(withMessage(), 'bob', { type: 'reaction.set', seq: 1, emoji: '👍', on: false })).toBe('ok');
  });

  it('what is not there yet is not found', () => {
    expect(does(withMessage(), 'alice', { type: 'message.edit', seq: 2, author: 'alice', text: 'x' })).toBe(
      'not_found',
    );
    expect(does(withMessage(), 'alice', { type: 'message.delete', seq: 2, author: 'alice' })).toBe('not_found');
    expect(does(withMessage(), 'alice', { type: 'reaction.set', seq: 2, emoji: 'x', on: true })).toBe('not_found');
  });
});
