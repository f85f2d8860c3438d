import type { Frame } from '@garam/tests-driver/garam-connection';
import type { Person } from './people.ts';

/** Everything a person can read: chat list, history, events and members of all chats, as the server's own JSON. */
export async function snapshotOf({ connection }: Person): Promise<Record<string, string[]>> {
  const ask = async (fields: { t: string } & Record<string, unknown>): Promise<Frame> => {
    const { id: _id, ...answer } = await connection.command(fields, 20_000);
    return { ...answer, ...(Array.isArray(answer['users']) ? { users: answer['users'].toSorted(byId) } : {}) } as Frame;
  };
  const list = await ask({ t: 'chats.list', limit: 100 });
  const seen: Record<string, string[]> = { list: list['chats'].map((summary: object) => JSON.stringify(summary)) };
  for (const { chat, visibleFrom } of list['chats'] as { chat: string; visibleFrom: number }[]) {
    const pages: string[] = [];
    for (let after = visibleFrom - 1, isMore = true; isMore;) {
      const page = await ask({ t: 'history', chat, after, limit: 100 });
      pages.push(JSON.stringify(page));
      after = page['messages'].at(-1)?.seq ?? after;
      isMore = page['hasNewer'];
    }
    for (let rev = 0, seq = 0, isMore = true; isMore;) {
      const page = await ask({ t: 'sync', chat, rev, seq, limit: 500 });
      pages.push(JSON.stringify(page));
      rev = page['events']?.at(-1)?.rev ?? rev;
      seq = page['events']?.findLast((event: Frame) => event['message'])?.message.seq ?? seq;
      isMore = page['more'] === true;
    }
    pages.push(JSON.stringify(await ask({ t: 'members.list', chat })));
    seen[chat] = pages;
  }
  return seen;
}

function byId(one: { id: string }, other: { id: string }): number {
  return one.id < other.id ? -1 : 1;
}
