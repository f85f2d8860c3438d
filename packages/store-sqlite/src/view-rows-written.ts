import { encodeEvent } from '@garam/contracts/event-codec';
import type { ViewWrites } from '@garam/store/view-writes';
import type { Access } from './access.ts';
import { messageRowsWritten } from './message-rows-written.ts';
import { cell, flag, jsonCell, newerWins, NOT_WRITTEN } from './newer-wins.ts';

const PUT_MEMBERSHIP = newerWins({
  table: 'memberships',
  key: ['chat', 'user'],
  cells: [
    { columns: ['role', 'rev'], clock: 'clock' },
    { columns: ['visible_from', 'visible_from_rev'], clock: 'visible_clock' },
    { columns: ['joined_at'], clock: 'joined_clock' },
    { columns: ['left_at_seq'], clock: 'left_clock' },
  ],
});

const PUT_CHANGE = newerWins({
  table: 'changes',
  key: ['chat', 'rev'],
  cells: [{ columns: ['notice', 'event'], clock: 'clock' }],
});
const RAISE_MARKS = `INSERT INTO read_marks (chat, user, delivered, read) VALUES (?, ?, ?, ?)
  ON CONFLICT (chat, user) DO UPDATE SET
    delivered = max(delivered, excluded.delivered), read = max(read, excluded.read)
  WHERE excluded.delivered > delivered OR excluded.read > read`;

const HEAD_CELLS = ['at', 'kind', 'title', 'avatar', 'settings', 'member_count'];
const PUT_HEAD = `INSERT INTO chat_heads
  (chat, seq, rev, clock, ${HEAD_CELLS.flatMap((name) => [name, `${name}_clock`]).join(', ')})
  VALUES (?, ?, ?, ?, ${HEAD_CELLS.map(() => '?, ?').join(', ')})
  ON CONFLICT (chat) DO UPDATE SET
    seq = max(seq, excluded.seq), rev = max(rev, excluded.rev), clock = max(clock, excluded.clock),
    ${HEAD_CELLS.map(
      (name) => `${name} = iif(excluded.${name}_clock > ${name}_clock, excluded.${name}, ${name}),
    ${name}_clock = max(excluded.${name}_clock, ${name}_clock)`,
    ).join(', ')}`;

/** The persister's rows. Each call is one task of the turn's transaction. */
export function viewRowsWritten(access: Access): ViewWrites {
  return {
    ...messageRowsWritten(access),
    putMemberships: (rows) =>
      access.writeRows(PUT_MEMBERSHIP, rows, (row) => [
        row.chat,
        row.user,
        row.role,
        row.rev,
        row.clock,
        row.visibleFrom ?? null,
        row.visibleFromRev ?? null,
        row.visibleFrom === undefined ? NOT_WRITTEN : row.clock,
        ...cell(row.joinedAt, row.clock),
        ...cell(row.leftAtSeq, row.clock),
      ]),
    putChanges: (rows) =>
      access.writeRows(PUT_CHANGE, rows, ({ event, notice }) => [
        event.chat,
        event.rev,
        flag(notice)!,
        encodeEvent(event),
        event.clock,
      ]),
    putHeads: (rows) =>
      access.writeRows(PUT_HEAD, rows, (row) => [
        row.chat,
        row.seq,
        row.rev,
        row.clock,
        ...cell(row.at, row.clock),
        ...cell(row.kind, row.clock),
        ...cell(row.title, row.clock),
        ...cell(row.avatar, row.clock),
        ...jsonCell(row.settings, row.clock),
        ...cell(row.memberCount, row.clock),
      ]),
    raiseMarks: (rows) =>
      access.writeRows(RAISE_MARKS, rows, ({ chat, user, delivered, read }) => [
        chat,
        user,
        Math.max(delivered, read),
        read,
      ]),
  };
}
