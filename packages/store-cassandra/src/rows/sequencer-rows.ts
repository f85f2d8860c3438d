import type { MemberTimeline, SentEntry } from '@garam/domain/chat-state';
import type { MemberRow, SavedChat, SentRow, SequencerStore } from '@garam/store/sequencer-store';
import type { Access, Row } from '../client/access.ts';
import { putInto, type Put } from '../client/put.ts';
import { fromJson } from './cell-values.ts';

/** States of chats that never came to be only remember refusals: the longest retry and the longest lag of a log. */
const REFUSALS_TTL_S = 14 * 24 * 60 * 60;

const LOAD_CHAT = 'SELECT saved FROM chat_states WHERE chat = ?';
const LOAD_MEMBERS = 'SELECT timeline FROM member_timelines WHERE chat = ? AND user IN ?';
const LOAD_SENT = 'SELECT entry FROM sent_ids WHERE chat = ? AND actor = ? AND client_id = ?';
const SAVE_CHAT = putInto('chat_states', { key: ['chat'], cells: ['saved'], expires: true });
const SAVE_MEMBER = putInto('member_timelines', { key: ['chat', 'user'], cells: ['timeline'] });
/** They expire by the table's own setting. */
const SAVE_SENT = putInto('sent_ids', { key: ['chat', 'actor', 'client_id', 'log_offset'], cells: ['entry'] });

/** Keys that one statement names. */
const NAMED_MAX = 100;

/** Rows of the sequencer. What is saved together is one cell: no row is a mixture of two writers. */
export function sequencerRows(access: Access): SequencerStore {
  return {
    loadChat: (chat) =>
      access.read(async (query) => {
        const [row] = await query(LOAD_CHAT, [chat]);
        return row === undefined ? null : (fromJson(row['saved'] as string) as SavedChat);
      }),
    loadMembers: (chat, users) =>
      access.read(async (query) => {
        const timelines: MemberTimeline[] = [];
        for (let next = 0; next < users.length; next += NAMED_MAX) {
          const rows = await query(LOAD_MEMBERS, [chat, users.slice(next, next + NAMED_MAX)]);
          timelines.push(...rows.map((row: Row) => fromJson(row['timeline'] as string) as MemberTimeline));
        }
        return timelines;
      }),
    loadSent: (chat, actor, clientId) =>
      access.read(async (query) => {
        const rows = await query(LOAD_SENT, [chat, actor, clientId]);
        return rows.map((row) => fromJson(row['entry'] as string) as SentEntry);
      }),
    saveSent: (rows) => access.write(rows.map(sent)),
    saveMembers: (rows) => access.write(rows.map(member)),
    saveChats: (rows) => access.write(rows.map(saved)),
  };
}

function sent({ chat, entry }: SentRow): Put {
  const { actor, clientId, offset, answeredClock } = entry;
  return {
    cql: SAVE_SENT,
    params: [chat, actor, clientId, offset, JSON.stringify(entry), answeredClock],
    partition: `sent_ids ${chat} ${actor} ${clientId}`,
  };
}

function member({ chat, timeline, clock }: MemberRow): Put {
  return {
    cql: SAVE_MEMBER,
    params: [chat, timeline.user, JSON.stringify(timeline), clock],
    partition: `member_timelines ${chat}`,
  };
}

function saved({ state, logId }: SavedChat): Put {
  return {
    cql: SAVE_CHAT,
    params: [state.chat, JSON.stringify({ state, logId }), state.kind === null ? REFUSALS_TTL_S : 0, state.clock],
    partition: `chat_states ${state.chat}`,
  };
}
