import type { EventRecord } from '@garam/contracts/event-record';
import type { StoredHead, StoredMembership, StoredMessage, StoredReaction, ViewReads } from '@garam/store/view-reads';
import type { ReadRow, Replicas } from './replicas.ts';
import type { SimProcess } from './sim-process.ts';
import { seqKey } from './sim-view-writes.ts';

export function createViewReads(replicas: Replicas, process: SimProcess): ViewReads {
  const changesBetween = async (chat: string, fromRev: number, throughRev: number): Promise<ReadRow[]> => {
    const wanted = between(seqKey(fromRev), seqKey(throughRev));
    return ascending(await replicas.readRows(process, 'changes', chat, wanted));
  };
  const messages = async (chat: string, wants: (key: string) => boolean): Promise<StoredMessage[]> =>
    ascending(await replicas.readRows(process, 'messages', chat, wants)).flatMap(messageOf);

  return {
    heads: (chats) =>
      Promise.all(chats.map(async (chat) => headOf(await replicas.readRow(process, 'chat_head', chat, '')))),
    async chatsOf(user) {
      const rows = await replicas.readRows(process, 'user_chats', user);
      return [...rows].flatMap(([chat, row]) => membershipOf(user, chat, row) ?? []);
    },
    async membership(user, chat) {
      return membershipOf(user, chat, await replicas.readRow(process, 'user_chats', user, chat));
    },
    async members(chat, { afterUser = '', limit }) {
      const rows = await replicas.readRows(process, 'roster', chat);
      const present = [...rows].filter(([user, row]) => user > afterUser && row['role'] != null).toSorted(byKey);
      return present.slice(0, limit).flatMap(([user, row]) => membershipOf(user, chat, row) ?? []);
    },
    marks: () => Promise.resolve([]),
    messages: (chat, fromSeq, throughSeq) => messages(chat, between(seqKey(fromSeq), seqKey(throughSeq))),
    messagesAt: (chat, seqs) => {
      const keys = new Set(seqs.map(seqKey));
      return messages(chat, (key) => keys.has(key));
    },
    async reactions(chat, seqs) {
      const found = await Promise.all(
        seqs.map(async (seq) => ({ seq, rows: await replicas.readRows(process, 'reactions', `${chat} ${seq}`) })),
      );
      return found.flatMap(({ seq, rows }) => [...rows].flatMap(([key, row]) => reactionOf(seq, key, row)));
    },
    async changes(chat, afterRev, throughRev, limit) {
      const rows = await changesBetween(chat, afterRev + 1, throughRev);
      return rows.map((row) => row['event'] as EventRecord).slice(0, limit);
    },
    async notices(chat, fromRev, throughRev, limit) {
      const rows = await changesBetween(chat, fromRev, throughRev);
      return rows
        .filter((row) => row['notice'] === true)
        .map((row) => row['event'] as EventRecord)
        .slice(-limit);
    },
  };
}

function headOf(row: ReadRow | undefined): StoredHead | null {
  return row === undefined || row['kind'] === undefined ? null : ({ ...row } as unknown as StoredHead);
}

function membershipOf(user: string, chat: string, row: ReadRow | undefined): StoredMembership | null {
  if (row === undefined || row['role'] === undefined) return null;
  const empty = { visibleFrom: 1, visibleFromRev: 1, joinedAt: 0, rev: 0, read: 0, delivered: 0 };
  return { ...empty, muted: false, pinned: false, ...row, user, chat } as StoredMembership;
}

/** A row that only has an edit is not there yet. */
function messageOf(row: ReadRow): StoredMessage[] {
  return row['clientId'] === undefined ? [] : [{ ...row } as unknown as StoredMessage];
}

function reactionOf(seq: number, key: string, row: ReadRow): StoredReaction[] {
  const [emoji, user] = key.split(' ') as [string, string];
  return row['on'] === true ? [{ seq, emoji, user }] : [];
}

function between(from: string, through: string): (key: string) => boolean {
  return (key) => key >= from && key <= through;
}

function ascending(rows: Map<string, ReadRow>): ReadRow[] {
  return [...rows].toSorted(byKey).map(([, row]) => row);
}

function byKey([one]: [string, unknown], [other]: [string, unknown]): number {
  return one < other ? -1 : 1;
}
