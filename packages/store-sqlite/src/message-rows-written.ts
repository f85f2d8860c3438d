import type { ViewWrites } from '@garam/store/view-writes';
import type { Access } from './access.ts';
import { newerWins, type Cell } from './newer-wins.ts';
import { flag, json } from './sql-value.ts';

/** Added to the clock of a deletion (100 years of µs): no later edit brings content back. */
const FOR_EVER_US = 3_155_760_000_000_000;

const CONTENT = ['text', 'data', 'mentions', 'attachments'];
const contentCell = (name: string): Cell => ({ columns: [name], clock: `${name}_clock`, optional: true });
const messageKey = { table: 'messages', key: ['chat', 'seq'] };

const PUT_MESSAGE = newerWins({
  ...messageKey,
  cells: [{ columns: ['rev', 'by', 'client_id', 'kind', 'reply_to'], clock: 'clock' }, ...CONTENT.map(contentCell)],
});
const EDIT_MESSAGE = newerWins({
  ...messageKey,
  cells: [{ columns: ['edited_at'], clock: 'edited_clock' }, ...CONTENT.slice(0, 3).map(contentCell)],
});
const DELETE_MESSAGE = newerWins({
  ...messageKey,
  cells: [
    { columns: ['deleted_at'], clock: 'deleted_clock' },
    ...CONTENT.map((name) => ({ columns: [name], clock: `${name}_clock` })),
  ],
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
        row.clock,
        row.chat,
        row.seq,
        row.rev,
        row.by,
        row.clientId,
        row.kind,
        row.replyTo ?? null,
        row.text ?? null,
        row.data ?? null,
        json(row.mentions),
        json(row.attachments),
      ]),
    editMessages: (rows) =>
      access.writeRows(EDIT_MESSAGE, rows, ({ chat, seq, clock, text = null, data = null, mentions }) => [
        clock,
        chat,
        seq,
        millis(clock),
        text,
        data,
        json(mentions),
      ]),
    deleteMessages: (rows) =>
      access.writeRows(DELETE_MESSAGE, rows, ({ chat, seq, clock }) => [
        clock + FOR_EVER_US,
        chat,
        seq,
        millis(clock),
        null,
        null,
        null,
        null,
      ]),
    putReactions: (rows) =>
      access.writeRows(PUT_REACTION, rows, (row) => [row.clock, row.chat, row.seq, row.emoji, row.user, flag(row.on)]),
  };
}
