import { emptyChat, type ChatState, type SentEntry } from '@garam/domain/chat-state';
import { describe, expect, it } from 'vitest';
import type { StoreProbe } from './store-contract.ts';
import { everyOrder, inOrder } from './store-orders.ts';

/** µs; about now, as expiry may be counted by it. */
const T = 1_795_000_000_000_000;

function stateOf(chat: string, change: Partial<ChatState>): ChatState {
  return { ...emptyChat(chat), kind: 'group', clock: T, lastOffset: 5, memberCount: 1, seq: 3, rev: 4, ...change };
}

function entryOf(change: Partial<SentEntry>): SentEntry {
  return {
    actor: 'alice',
    clientId: 'k',
    offset: 7,
    seq: 3,
    rev: 4,
    clock: T,
    answeredClock: T + 1,
    outcome: 'accepted',
    digest: 'd',
    attempt: 1,
    sentAt: T / 1000,
    ...change,
  };
}

export function sequencerContract(probe: StoreProbe): void {
  describe("the sequencer's rows", () => {
    it('a chat nobody saved is null, as are rows nobody saved', async () => {
      const { sequencer } = probe.store;
      const chat = probe.fresh('chat');
      expect(await sequencer.loadChat(chat)).toBeNull();
      expect(await sequencer.loadMembers(chat, ['alice', 'bob'])).toEqual([]);
      expect(await sequencer.loadSent(chat, 'alice', 'k')).toEqual([]);
      await inOrder([() => sequencer.saveChats([]), () => sequencer.saveMembers([]), () => sequencer.saveSent([])]);
    });

    it('a state comes back as it was saved, with the log it belongs to', async () => {
      const { sequencer } = probe.store;
      const full = stateOf(probe.fresh('chat'), {
        title: '가람 🏞',
        avatar: 'f1',
        owner: 'alice',
        settings: { join: 'open', history: 'all', send: 'admins', invite: 'admins' },
      });
      const bare = stateOf(probe.fresh('chat'), { kind: null, seq: 0, rev: 0, memberCount: 0 });
      await sequencer.saveChats([
        { state: full, logId: 'log-1' },
        { state: bare, logId: 'log-1' },
      ]);
      expect(await sequencer.loadChat(full.chat)).toEqual({ state: full, logId: 'log-1' });
      expect(await sequencer.loadChat(bare.chat)).toEqual({ state: bare, logId: 'log-1' });
    });

    it("the newer state by the chat's clock wins, whatever the order of saving: a paused owner cannot turn back", async () => {
      const { sequencer } = probe.store;
      for (const order of everyOrder([1, 2, 3])) {
        const chat = probe.fresh('chat');
        const saves = order.map((age) => {
          const state = stateOf(chat, { clock: T + age, lastOffset: 10 * age, ...(age === 2 ? { title: 'two' } : {}) });
          return () => sequencer.saveChats([{ state, logId: 'log' }]);
        });
        await inOrder(saves);
        const loaded = await sequencer.loadChat(chat);
        expect(loaded?.state).toEqual(stateOf(chat, { clock: T + 3, lastOffset: 30 }));
      }
    });

    it('member rows come back as saved, the newer by clock, only those asked for', async () => {
      const { sequencer } = probe.store;
      for (const order of everyOrder([1, 2, 3])) {
        const chat = probe.fresh('chat');
        const rowOf = (user: string, age: number) => ({
          chat,
          timeline: {
            user,
            entries: [
              { offset: age, role: 'member' as const },
              { offset: age + 9, role: null },
            ],
            trimmed: age > 1,
          },
          clock: T + age,
        });
        await inOrder(order.map((age) => () => sequencer.saveMembers([rowOf('bob', age), rowOf('밥', 1)])));
        const loaded = await sequencer.loadMembers(chat, ['밥', 'bob', 'nobody']);
        expect(new Map(loaded.map((row) => [row.user, row]))).toEqual(
          new Map([
            ['bob', rowOf('bob', 3).timeline],
            ['밥', rowOf('밥', 1).timeline],
          ]),
        );
        expect(await sequencer.loadMembers(chat, ['bob'])).toHaveLength(1);
      }
    });

    it('every entry of a clientId is kept by its offset, apart from other actors, clientIds and chats', async () => {
      const { sequencer } = probe.store;
      const chat = probe.fresh('chat');
      const refused = entryOf({ offset: 9, seq: 0, outcome: 'refused', error: 'not_found', attempt: 2 });
      const noop = entryOf({ offset: 8, seq: 0, outcome: 'unchanged' });
      await sequencer.saveSent([refused, entryOf({}), noop].map((entry) => ({ chat, entry })));
      await sequencer.saveSent([{ chat, entry: entryOf({ actor: 'bob' }) }]);
      await sequencer.saveSent([{ chat, entry: entryOf({ clientId: 'other' }) }]);
      await sequencer.saveSent([{ chat, entry: refused }]);
      expect(await sequencer.loadSent(chat, 'alice', 'k')).toEqual([entryOf({}), noop, refused]);
      expect(await sequencer.loadSent(probe.fresh('chat'), 'alice', 'k')).toEqual([]);
    });

    it('a thousand rows are saved in one call', async () => {
      const { sequencer } = probe.store;
      const chat = probe.fresh('chat');
      const entries = Array.from({ length: 1_000 }, (_, index) => entryOf({ clientId: `k${index}`, offset: index }));
      await sequencer.saveSent(entries.map((entry) => ({ chat, entry })));
      expect(await sequencer.loadSent(chat, 'alice', 'k999')).toEqual([entries[999]]);
    });
  });
}
