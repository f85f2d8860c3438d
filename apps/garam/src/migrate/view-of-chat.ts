import type { ReceiptMark } from '@garam/contracts/receipt-record';
import type { StoredHead, ViewReads } from '@garam/store/view-reads';
import { createRowDigest, type RowsSeen } from './row-digest.ts';

/** A chat as its readers see it, through the port, page by page. */
export interface ChatView {
  head: StoredHead | null;
  messages: RowsSeen;
  reactions: RowsSeen;
  changes: RowsSeen;
  notices: RowsSeen;
  members: RowsSeen;
  marks: RowsSeen;
}

const PAGE = 500;

export async function viewOfChat(reads: ViewReads, chat: string): Promise<ChatView> {
  const [head = null] = await reads.heads([chat]);
  const { seq, rev } = head ?? { seq: 0, rev: 0 };
  const [messages, reactions, changes, notices, members, marks] = Array.from({ length: 6 }, createRowDigest);
  for (let from = 1; from <= seq; from += PAGE) {
    const page = await reads.messages(chat, from, Math.min(seq, from + PAGE - 1));
    messages!.add(page);
    const on = await reads.reactions(
      chat,
      page.map((message) => message.seq),
    );
    reactions!.add(on);
  }
  for (let after = 0; after < rev;) {
    const page = await reads.changes(chat, after, rev, PAGE);
    changes!.add(page);
    after = page.length < PAGE ? rev : page.at(-1)!.rev;
  }
  for (let from = 1; from <= rev; from += PAGE)
    notices!.add(await reads.notices(chat, from, Math.min(rev, from + PAGE - 1), PAGE));
  for (let afterUser: string | undefined, isMore = true; isMore;) {
    const page = await reads.members(chat, { ...(afterUser === undefined ? {} : { afterUser }), limit: PAGE });
    members!.add(page);
    afterUser = page.at(-1)?.user;
    isMore = page.length === PAGE;
  }
  marks!.add((await reads.marks(chat)).toSorted(byUser));
  return {
    head,
    messages: messages!.end(),
    reactions: reactions!.end(),
    changes: changes!.end(),
    notices: notices!.end(),
    members: members!.end(),
    marks: marks!.end(),
  };
}

function byUser(one: ReceiptMark, other: ReceiptMark): number {
  return one.user < other.user ? -1 : 1;
}
