import type { ViewWrites } from '@garam/store/view-writes';
import type { Access } from './access.ts';
import { cell, flag, jsonCell, newerWins } from './newer-wins.ts';

/** Added to the clock of a deletion (100 years of µs): no later edit brings content back. */
const FOR_EVER_US = 3_155_760_000_000_000;

const text = { columns: ['text'], clock: 'text_clock' };
const data = { columns: ['data'], clock: 'data_clock' };
const mentions = { columns: ['mentions'], clock: 'mentions_clock' };
const attachments = { columns: ['attachments'], clock: 'attachments_clock' };

const PUT_MESSAGE = newerWins({
  table: 'messages',
  key: ['chat', 'seq'],
  cells: [
    { columns: ['rev', 'by', 'client_id', 'kind', 'reply_to'], clock: 'clock' },
    text,
    data,
    mentions,
    attachments,
  ],
});
const EDIT_MESSAGE = newerWins({
  table: 'messages',
  key: ['chat', 'seq'],
  cells: [text, data, mentions, { columns: ['edited_at'], clock: 'edited_clock' }],
});
const DELETE_MESSAGE = newerWins({
  table: 'messages',
  key: ['chat', 'seq'],
  cells: [text, data, mentions, attachments, { columns: ['deleted_at'], clock: 'deleted_clock' }],
});
const PUT_REACTION = newerWins({
  table: 'reactions',
  key: ['chat', 'seq', 'emoji', 'user'],
  cells: [{ columns: ['is_on'], clock: 'clock' }],
});
const millis = (clock: number) => Math.floor(clock / 1000);

type MessageWrites = Pick<ViewWrites, 'putMessages' | 'editMessages' | 'deleteMessages' | 'putReactions'>;

/** Messages and what happens to them. An edit or deletion may come before the message: the row waits for it. */
export function messageRowsWritten(access: Access): MessageWrites {
  return {
    putMessages: (rows) =>
      access.writeRows(PUT_MESSAGE, rows, (row) => [
        row.chat,
        row.seq,
        row.rev,
        row.by,
        row.clientId,
        row.kind,
        row.replyTo ?? null,
        row.clock,
        ...cell(row.text, row.clock),
        ...cell(row.data, row.clock),
        ...jsonCell(row.mentions, row.clock),
        ...jsonCell(row.attachments, row.clock),
      ]),
    editMessages: (rows) =>
      access.writeRows(EDIT_MESSAGE, rows, (row) => [
        row.chat,
        row.seq,
        ...cell(row.text, row.clock),
        ...cell(row.data, row.clock),
        ...jsonCell(row.mentions, row.clock),
        millis(row.clock),
        row.clock,
      ]),
    deleteMessages: (rows) =>
      access.writeRows(DELETE_MESSAGE, rows, ({ chat, seq, clock }) => {
        const final = clock + FOR_EVER_US;
        return [chat, seq, null, final, null, final, null, final, null, final, millis(clock), final];
      }),
    putReactions: (rows) =>
      access.writeRows(PUT_REACTION, rows, (row) => [row.chat, row.seq, row.emoji, row.user, flag(row.on)!, row.clock]),
  };
}
