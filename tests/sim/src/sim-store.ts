import type { MemberTimeline, SentEntry } from '@garam/domain/chat-state';
import type { SavedChat, SequencerStore } from '@garam/store/sequencer-store';
import type { LogNames } from '@garam/store/log-names';
import type { Store } from '@garam/store/store';
import type { UserStore } from '@garam/store/user-store';
import type { Replicas } from './replicas.ts';
import { createViewReads } from './sim-view-reads.ts';
import { createViewWrites } from './sim-view-writes.ts';
import type { SimProcess } from './sim-process.ts';

/** The store as one process sees it. */
export function createStoreClient(replicas: Replicas, process: SimProcess): Store {
  return {
    sequencer: sequencerRows(replicas, process),
    writes: createViewWrites(replicas, process),
    reads: createViewReads(replicas, process),
    users: userRows(process),
    logNames: LOG_NAMES,
    close: () => Promise.resolve(),
  };
}

function sequencerRows(replicas: Replicas, process: SimProcess): SequencerStore {
  return {
    async loadChat(chat) {
      const row = await replicas.readRow(process, 'chat_state', chat, '');
      return (row?.['saved'] as SavedChat | undefined) ?? null;
    },
    async loadMembers(chat, users) {
      const rows = await Promise.all(users.map((user) => replicas.readRow(process, 'chat_members', chat, user)));
      return rows.flatMap((row) => (row?.['timeline'] as MemberTimeline | undefined) ?? []);
    },
    async loadSent(chat, actor, clientId) {
      const rows = await replicas.readRows(process, 'sent_ids', `${chat} ${actor} ${clientId}`);
      return [...rows.values()].flatMap((row) => (row['entry'] as SentEntry | undefined) ?? []);
    },
    saveSent: (rows) =>
      replicas.write(
        process,
        rows.map(({ chat, entry }) => ({
          table: 'sent_ids',
          partition: `${chat} ${entry.actor} ${entry.clientId}`,
          key: String(entry.offset),
          cells: { entry },
          ts: entry.answeredClock,
        })),
      ),
    saveMembers: (rows) =>
      replicas.write(
        process,
        rows.map(({ chat, timeline, clock }) => ({
          table: 'chat_members',
          partition: chat,
          key: timeline.user,
          cells: { timeline },
          ts: clock,
        })),
      ),
    saveChats: (rows) =>
      replicas.write(
        process,
        rows.map((saved) => ({
          table: 'chat_state',
          partition: saved.state.chat,
          key: '',
          cells: { saved },
          ts: saved.state.clock,
        })),
      ),
  };
}

/** Every log goes by its own id. */
const LOG_NAMES: LogNames = { find: () => Promise.resolve(null), put: () => Promise.resolve() };

/** Nobody has a profile, blocks or is banned: what is simulated here does not rest on it. */
function userRows(process: SimProcess): UserStore {
  const soon = <T>(value: T): Promise<T> => new Promise((resolve) => void process.schedule(1, () => resolve(value)));
  return {
    putProfile: () => soon(undefined),
    profiles: () => soon([]),
    touch: () => soon(undefined),
    putPrefs: () => soon(undefined),
    standing: () => soon({ banned: false, silencedUntil: 0, revokedBefore: 0 }),
    putStanding: () => soon(undefined),
    block: () => soon(undefined),
    hasBlocked: () => soon(false),
  };
}
