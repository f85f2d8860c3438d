import type { CommandFields } from '@garam/protocol/commands';
import type { OkFields } from '@garam/protocol/replies';
import { countFitting, surelyFits } from './page-size.ts';
import { toWirePage, withReactions } from './read-messages.ts';
import { toWireHead } from './to-wire-head.ts';
import type { ViewSources } from './view-sources.ts';

const MESSAGES_BYTES = 250_000;

/** The messages named, ascending; those out of view are left out, and the last ones when they are too much for a page. */
export async function getMessages(
  sources: ViewSources,
  viewer: string,
  { fields, atLeastRev }: { fields: CommandFields<'messages.get'>; atLeastRev: number },
): Promise<OkFields['messages.get']> {
  const access = await sources.access.read(viewer, fields.chat, atLeastRev);
  const { head, visibleFrom } = access;
  const seqs = [...new Set(fields.seqs)].filter((seq) => seq >= visibleFrom && seq <= head.seq);
  const rows = seqs.length === 0 ? [] : await sources.reads.messagesAt(fields.chat, seqs);
  const ascending = rows.toSorted((a, b) => a.seq - b.seq);
  const messages = toWirePage(viewer, await withReactions(sources, fields.chat, ascending));
  await sources.access.confirm(viewer, access);
  return {
    messages: surelyFits(messages, MESSAGES_BYTES)
      ? messages
      : messages.slice(0, countFitting(messages, MESSAGES_BYTES)),
    head: toWireHead(head),
  };
}
