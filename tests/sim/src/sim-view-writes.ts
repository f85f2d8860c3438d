import type { ViewWrites } from '@garam/store/view-writes';
import type { Replicas } from './replicas.ts';
import type { SimProcess } from './sim-process.ts';

/** Deletions win over every edit: their timestamps lie 100 years ahead, µs. */
const FINAL_US = 100 * 365 * 24 * 3_600 * 1_000_000;

export function createViewWrites(replicas: Replicas, process: SimProcess): ViewWrites {
  return {
    putMemberships: (rows) =>
      replicas.write(
        process,
        rows.flatMap(({ chat, user, clock, ...cells }) => [
          { table: 'user_chats', partition: user, key: chat, cells, ts: clock },
          { table: 'roster', partition: chat, key: user, cells, ts: clock },
        ]),
      ),
    putMessages: (rows) =>
      replicas.write(
        process,
        rows.map((row) => ({
          table: 'messages',
          partition: row.chat,
          key: seqKey(row.seq),
          cells: { ...row },
          ts: row.clock,
        })),
      ),
    editMessages: (rows) =>
      replicas.write(
        process,
        rows.map(({ chat, seq, clock, ...content }) => ({
          table: 'messages',
          partition: chat,
          key: seqKey(seq),
          cells: {
            ...content,
            editedAt: Math.floor(clock / 1e3),
          },
          ts: clock,
        })),
      ),
    deleteMessages: (rows) =>
      replicas.write(
        process,
        rows.map(({ chat, seq, clock }) => ({
          table: 'messages',
          partition: chat,
          key: seqKey(seq),
          ts: clock + FINAL_US,
          cells: {
            text: '',
            deletedAt: Math.floor(clock / 1e3),
          },
        })),
      ),
    putReactions: (rows) =>
      replicas.write(
        process,
        rows.map(({ chat, seq, emoji, user, on, clock }) => ({
          table: 'reactions',
          partition: `${chat} ${seq}`,
          key: `${emoji} ${user}`,
          cells: { on },
          ts: clock,
        })),
      ),
    putChanges: (rows) =>
      replicas.write(
        process,
        rows.map(({ event, notice }) => ({
          table: 'changes',
          partition: event.chat,
          key: seqKey(event.rev),
          cells: {
            event,
            notice,
          },
          ts: event.clock,
        })),
      ),
    putHeads: (rows) =>
      replicas.write(
        process,
        rows.map((row) => ({ table: 'chat_head', partition: row.chat, key: '', cells: { ...row }, ts: row.clock })),
      ),
    raiseMarks: (rows) =>
      replicas.write(
        process,
        rows.map(({ chat, user, read, delivered }) => ({
          table: 'user_chats',
          partition: user,
          key: chat,
          cells: {
            read,
            delivered,
          },
          ts: 0,
          tsOf: {
            read,
            delivered,
          },
        })),
      ),
  };
}

/** Ordered like the number. */
export function seqKey(seq: number): string {
  return String(seq).padStart(6, '0');
}
