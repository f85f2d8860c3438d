import type { CommandFields } from '@garam/protocol/commands';
import type { ChatEvent, Message } from '@garam/protocol/entities';
import type { OkFields } from '@garam/protocol/replies';
import type { ChatAccess } from './decide-access.ts';
import { nameUsers } from './name-users.ts';
import { pageRange, type PageRange } from './page-range.ts';
import { countFitting, surelyFits } from './page-size.ts';
import { readMessages, toWirePage } from './read-messages.ts';
import { toWireEvent } from './to-wire-event.ts';
import { toWireHead } from './to-wire-head.ts';
import type { ViewSources } from './view-sources.ts';

/** Together with the profiles (32 KiB) below the 256 KiB of a page. */
const MESSAGES_BYTES = 180_000;
const NOTICES_BYTES = 44_000;
const NOTICES_MAX = 200;

/** A page of history around, before or after a seq, with the notices that belong between its messages. */
export async function readHistory(
  sources: ViewSources,
  viewer: string,
  fields: CommandFields<'history'>,
  atLeastRev: number,
): Promise<OkFields['history']> {
  const access = await sources.access.read(viewer, fields.chat, atLeastRev);
  const { head } = access;
  const range = pageRange(fields, { visibleFrom: access.visibleFrom, headSeq: head.seq });
  const stored = await readMessages(sources, fields.chat, {
    fromSeq: range.fromSeq,
    throughSeq: range.fromSeq > range.throughSeq ? 0 : Math.min(range.throughSeq + 1, head.seq),
    headRev: head.rev,
  });
  const all = toWirePage(viewer, stored);
  const messages = fitMessages(
    all.filter((message) => message.seq <= range.throughSeq),
    range,
  );
  const notices = await readNotices(sources, access, noticeRange(access, all, messages));
  await sources.access.confirm(viewer, access);
  const first = messages[0]?.seq ?? range.fromSeq;
  const last = messages.at(-1)?.seq ?? range.throughSeq;
  return {
    messages,
    notices,
    hasOlder: first > access.visibleFrom && head.seq >= access.visibleFrom,
    hasNewer: last < head.seq,
    head: toWireHead(head),
    users: await nameUsers(sources.users, namedIn(messages, notices)),
  };
}

/** Drops what is too much from the far end of the page: the next page brings it. */
function fitMessages(messages: Message[], { keep, aroundSeq }: PageRange): Message[] {
  if (surelyFits(messages, MESSAGES_BYTES)) return messages;
  if (keep === 'oldest') return messages.slice(0, countFitting(messages, MESSAGES_BYTES));
  if (keep === 'newest') return messages.slice(messages.length - countFitting(messages.toReversed(), MESSAGES_BYTES));
  const nearest = messages.toSorted((a, b) => Math.abs(a.seq - aroundSeq) - Math.abs(b.seq - aroundSeq));
  return nearest.slice(0, countFitting(nearest, MESSAGES_BYTES)).sort((a, b) => a.seq - b.seq);
}

/** Revs of the notices of a page: from its first message (or the beginning of the view) up to the message after its last. */
function noticeRange(access: ChatAccess, all: Message[], kept: Message[]): { fromRev: number; throughRev: number } {
  const { head, visibleFrom, visibleFromRev } = access;
  const first = kept[0];
  const last = kept.at(-1);
  if (first === undefined || last === undefined)
    return head.seq < visibleFrom ? { fromRev: visibleFromRev, throughRev: head.rev } : { fromRev: 1, throughRev: 0 };
  const next = all.find((message) => message.seq === last.seq + 1);
  return {
    fromRev: Math.max(visibleFromRev, first.seq === visibleFrom ? visibleFromRev : first.rev),
    throughRev: next === undefined ? head.rev : next.rev - 1,
  };
}

async function readNotices(
  { reads }: ViewSources,
  { head }: ChatAccess,
  { fromRev, throughRev }: { fromRev: number; throughRev: number },
): Promise<ChatEvent[]> {
  if (fromRev > throughRev) return [];
  const notices = (await reads.notices(head.chat, fromRev, throughRev, NOTICES_MAX)).map(toWireEvent);
  return notices.slice(notices.length - countFitting(notices.toReversed(), NOTICES_BYTES));
}

function* namedIn(messages: Message[], notices: ChatEvent[]): Generator<string> {
  for (const message of messages) yield message.by;
  for (const notice of notices) {
    yield notice.by;
    if ('user' in notice) yield notice.user;
    if ('users' in notice) yield* notice.users;
    if ('members' in notice) for (const member of notice.members) yield member.user;
  }
  for (const message of messages) for (const mention of message.mentions ?? []) yield mention.user;
}
