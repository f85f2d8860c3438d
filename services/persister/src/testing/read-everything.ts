import type { ViewReads } from '@garam/store/view-reads';

/** All that readers can see of a chat. */
export async function readEverything(reads: ViewReads, chat: string) {
  const users = ['alice', 'bob', 'carol'];
  return {
    head: (await reads.heads([chat]))[0],
    memberships: await Promise.all(users.map((user) => reads.membership(user, chat))),
    members: await reads.members(chat, { limit: 100 }),
    messages: await reads.messages(chat, 1, 1_000),
    changes: await reads.changes(chat, 0, 1_000, 1_000),
    notices: await reads.notices(chat, 0, 1_000, 1_000),
    reactions: await reads.reactions(chat, [1, 2, 3, 4]),
    marks: await reads.marks(chat),
  };
}
