import { encodeEvent } from '@garam/contracts/event-codec';
import type { ViewWrites } from '@garam/store/view-writes';
import type { Access } from './access.ts';
import { messageRowsWritten } from './message-rows-written.ts';
import { newerWins } from './newer-wins.ts';
import { flag, json } from './sql-value.ts';

const PUT_MEMBERSHIP = newerWins({
  table: 'memberships',
  key: ['chat', 'user'],
  cells: [
    { columns: ['role', 'rev'], clock: 'clock' },
    { columns: ['visible_from', 'visible_from_rev'], clock: 'visible_clock', optional: true },
    { columns: ['joined_at'], clock: 'joined_clock', optional: true },
    { columns: ['left_at_seq'], clock: 'left_clock', optional: true },
  ],
});
const PUT_CHANGE = newerWins({
  table: 'changes',
  key: ['chat', 'rev'],
  cells: [{ columns: ['notice', 'event'], clock: 'clock' }],
});
const PUT_HEAD = newerWins({
  table: 'chat_heads',
  key: ['chat'],
  cells: ['at', 'kind', 'title', 'avatar', 'settings', 'member_count'].map((name) => ({
    columns: [name],
    clock: `${name}_clock`,
    optional: true,
  })),
});
const RAISE_HEAD = `UPDATE chat_heads SET seq = max(seq, ?2), rev = max(rev, ?3), clock = max(clock, ?4) WHERE chat = ?1`;
const RAISE_MARKS = `INSERT INTO read_marks (chat, user, delivered, read) VALUES (?, ?, ?, ?)
  ON CONFLICT (chat, user) DO UPDATE SET
    delivered = max(delivered, excluded.delivered), read = max(read, excluded.read)
  WHERE excluded.delivered > delivered OR excluded.read > read`;

/** The persister's rows. Each call is one task of the turn's transaction. */
export function viewRowsWritten(access: Access): ViewWrites {
  return {
    ...messageRowsWritten(access),
    putMemberships: (rows) =>
      access.writeRows(PUT_MEMBERSHIP, rows, (row) => [
        row.clock,
        row.chat,
        row.user,
        row.role,
        row.rev,
        row.visibleFrom ?? null,
        row.visibleFromRev ?? null,
        row.joinedAt ?? null,
        row.leftAtSeq ?? null,
      ]),
    putChanges: (rows) =>
      access.writeRows(PUT_CHANGE, rows, ({ event, notice }) => [
        event.clock,
        event.chat,
        event.rev,
        flag(notice),
        encodeEvent(event),
      ]),
    async putHeads(rows) {
      if (rows.length === 0) return;
      await access.write((statements) => {
        const put = statements.prepare(PUT_HEAD);
        const raise = statements.prepare(RAISE_HEAD);
        for (const { chat, seq, rev, clock, at = null, kind = null, title = null, avatar = null, ...row } of rows) {
          put.run(clock, chat, at, kind, title, avatar, json(row.settings), row.memberCount ?? null);
          raise.run(chat, seq, rev, clock);
        }
      });
    },
    raiseMarks: (rows) =>
      access.writeRows(RAISE_MARKS, rows, ({ chat, user, delivered, read }) => [
        chat,
        user,
        Math.max(delivered, read),
        read,
      ]),
  };
}
