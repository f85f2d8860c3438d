import type { ChatEvent } from '@garam/protocol/entities';
import type { EventRecord } from '@garam/contracts/event-record';
import type { StoredHead, StoredMessage, ViewReads } from '@garam/store/view-reads';
import { countFitting, jsonBytes } from './page-size.ts';
import { toWireEvent } from './to-wire-event.ts';
import { toWireMessage } from './to-wire-message.ts';
import type { StoredEvent } from './views.ts';

type Reads = Pick<ViewReads, 'messages' | 'messagesAt' | 'changes'>;

export interface EventRange {
  chat: string;
  /** The cursor: `rev` decides, `seq` only locates and may be wrong. */
  after: { seq: number; rev: number };
  /** As persisted; events up to it are given. */
  head: StoredHead;
  limit: number;
}

const EVENTS_BYTES = 250_000;

/**
 * Events after a cursor, merged from message rows and changes: dense in rev from `after.rev + 1` on, `limit` and
 * 256 KiB at most. A `message.created` carries the message as it is now. undefined: the cursor cannot be continued.
 */
export async function readEvents(reads: Reads, range: EventRange): Promise<StoredEvent[] | undefined> {
  const { chat, after, head } = range;
  if (after.rev >= head.rev) return [];
  const found = await readAfterSeq(reads, range, Math.min(after.seq, head.seq));
  if (found.length > 0) return found;
  const seq = await locateSeq(reads, chat, { rev: after.rev, headSeq: head.seq });
  const again = seq === undefined || seq === after.seq ? [] : await readAfterSeq(reads, range, seq);
  return again.length > 0 ? again : undefined;
}

async function readAfterSeq(
  reads: Reads,
  { chat, after, head, limit }: EventRange,
  seq: number,
): Promise<StoredEvent[]> {
  const throughSeq = Math.min(head.seq, seq + limit);
  const [rows, changes] = await Promise.all([
    seq < throughSeq ? reads.messages(chat, seq + 1, throughSeq) : [],
    reads.changes(chat, after.rev, head.rev, limit),
  ]);
  const merged = [...rows.filter((row) => row.rev > after.rev), ...changes].sort((a, b) => a.rev - b.rev);
  let count = 0;
  while (count < Math.min(merged.length, limit) && merged[count]!.rev === after.rev + 1 + count) count += 1;
  const deleted = await deletedSeqs(reads, chat, merged.slice(0, count), rows);
  const events = merged.slice(0, count).map((item) => toStoredEvent(item, deleted));
  return events.slice(
    0,
    countFitting(events, EVENTS_BYTES, (event) => jsonBytes(event.wire)),
  );
}

/** Seqs among those edited here whose message has been deleted since: their old texts are not shown again. */
async function deletedSeqs(
  reads: Reads,
  chat: string,
  items: readonly (StoredMessage | EventRecord)[],
  rows: readonly StoredMessage[],
): Promise<ReadonlySet<number>> {
  const edited = new Set<number>();
  for (const item of items) if ('body' in item && item.body.type === 'message.edited') edited.add(item.body.seq);
  if (edited.size === 0) return edited;
  const here = rows.filter((row) => edited.has(row.seq));
  const elsewhere = [...edited].filter((seq) => !here.some((row) => row.seq === seq));
  const others = elsewhere.length === 0 ? [] : await reads.messagesAt(chat, elsewhere);
  return new Set([...here, ...others].filter((row) => row.deletedAt !== undefined).map((row) => row.seq));
}

function toStoredEvent(item: StoredMessage | EventRecord, deleted: ReadonlySet<number>): StoredEvent {
  if (!('body' in item)) return { wire: createdEvent(item) };
  const { chat, rev, by, body } = item;
  if (body.type === 'message.edited' && deleted.has(body.seq))
    return {
      wire: { chat, rev, at: Math.floor(item.clock / 1_000), by, type: body.type, seq: body.seq },
      record: item,
    };
  return { wire: toWireEvent(item), record: item };
}

function createdEvent(row: StoredMessage): ChatEvent {
  const { rev, at, by, ...message } = toWireMessage(row);
  return { chat: row.chat, rev, at, by, type: 'message.created', message };
}

/** The highest seq at or below `rev`, by bisection: for cursors whose seq is wrong. */
async function locateSeq(
  reads: Reads,
  chat: string,
  { rev, headSeq }: { rev: number; headSeq: number },
): Promise<number | undefined> {
  let low = 0;
  let high = Math.min(headSeq, rev);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const row = (await reads.messagesAt(chat, [middle]))[0];
    if (row === undefined) return undefined;
    if (row.rev <= rev) low = middle;
    else high = middle - 1;
  }
  return low;
}
