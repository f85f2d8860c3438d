import type { EventBody, EventRecord } from '@garam/contracts/event-record';

const settings = { join: 'invite', history: 'joined', send: 'all', invite: 'all' } as const;
const said = (clientId: string, text: string): EventBody => ({ type: 'message.created', clientId, kind: 'text', text });

const BODIES: [string, EventBody][] = [
  [
    'alice',
    {
      type: 'chat.created',
      kind: 'group',
      settings,
      members: [
        { user: 'alice', role: 'owner' },
        { user: 'bob', role: 'member' },
      ],
    },
  ],
  ['alice', said('m1', '하나')],
  ['bob', said('m2', '둘')],
  ['alice', { type: 'message.edited', seq: 1, text: '하나!' }],
  ['alice', { type: 'member.added', users: ['carol'], from: 3, viewRev: 5, memberCount: 3 }],
  ['carol', { type: 'reaction.set', seq: 2, emoji: '👍', on: true }],
  ['carol', said('m3', '셋')],
  ['alice', { type: 'message.deleted', seq: 2 }],
  ['alice', { type: 'chat.updated', title: '여행' }],
  ['alice', { type: 'member.removed', user: 'carol', memberCount: 2 }],
  ['bob', said('m4', '넷')],
  ['alice', { type: 'member.role', user: 'bob', role: 'admin' }],
];

/** Events of a chat with one of every type, as the sequencer would have made them. */
export function chatHistory(chat: string): EventRecord[] {
  let seq = 0;
  return BODIES.map(([by, body], index) => {
    if (body.type === 'message.created') seq++;
    return { chat, rev: index + 1, seq, clock: 1_767_225_600_000_000 + index * 1_000_000, by, body };
  });
}
