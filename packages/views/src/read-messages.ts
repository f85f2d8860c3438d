import type { Message } from '@garam/protocol/entities';
import type { StoredMessage, StoredReaction } from '@garam/store/view-reads';
import { aggregateReactions } from './aggregate-reactions.ts';
import { toWireMessage } from './to-wire-message.ts';
import type { ViewSources } from './view-sources.ts';

/** Message rows with their reactions: the same for every viewer. */
export interface MessagePage {
  rows: readonly StoredMessage[];
  reactions: readonly StoredReaction[];
}

type Sources = Pick<ViewSources, 'reads' | 'coalescer'>;

/** Rows fromSeq…throughSeq as of `headRev` or later; concurrent readers of the same page share one query. */
export function readMessages(
  { reads, coalescer }: Sources,
  chat: string,
  { fromSeq, throughSeq, headRev }: { fromSeq: number; throughSeq: number; headRev: number },
): Promise<MessagePage> {
  if (fromSeq > throughSeq) return Promise.resolve({ rows: [], reactions: [] });
  return coalescer.read(`${chat} ${fromSeq} ${throughSeq} ${headRev}`, async () =>
    withReactions({ reads }, chat, await reads.messages(chat, fromSeq, throughSeq)),
  );
}

export async function withReactions(
  { reads }: Pick<Sources, 'reads'>,
  chat: string,
  rows: readonly StoredMessage[],
): Promise<MessagePage> {
  const present = rows.filter((row) => row.deletedAt === undefined).map((row) => row.seq);
  return { rows, reactions: present.length === 0 ? [] : await reads.reactions(chat, present) };
}

export function toWirePage(viewer: string, page: MessagePage): Message[] {
  if (page.reactions.length === 0) return page.rows.map((row) => toWireMessage(row));
  const reactions = aggregateReactions(viewer, page.reactions);
  return page.rows.map((row) => toWireMessage(row, reactions.get(row.seq)));
}
