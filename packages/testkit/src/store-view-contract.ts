import type { EventRecord } from '@garam/contracts/event-record';
import type { HeadRow, MembershipRow } from '@garam/store/view-writes';
import { describe, expect, it } from 'vitest';
import type { StoreProbe } from './store-contract.ts';
import { everyOrder, inOrder } from './store-orders.ts';

const T = 1_795_000_000_000_000;
const SETTINGS = { join: 'invite', history: 'joined', send: 'all', invite: 'all' } as const;

export function viewContract(probe: StoreProbe): void {
  describe('memberships', () => {
    it('come, change and go by clock, each field by itself, whatever the order of the writes', async () => {
      const { reads, writes } = probe.store;
      for (const order of everyOrder([0, 1, 2, 3])) {
        const [chat, user] = [probe.fresh('chat'), probe.fresh('user')];
        const rows: MembershipRow[] = [
          { chat, user, role: 'member', visibleFrom: 3, visibleFromRev: 4, joinedAt: 1_000, rev: 4, clock: T + 1 },
          { chat, user, role: 'admin', rev: 5, clock: T + 2 },
          { chat, user, role: null, leftAtSeq: 9, rev: 12, clock: T + 3 },
          { chat, user, role: 'member', visibleFrom: 10, visibleFromRev: 15, joinedAt: 2_000, rev: 15, clock: T + 4 },
        ];
        await inOrder(order.map((index) => () => writes.putMemberships([rows[index]!])));
        expect(await reads.membership(user, chat)).toEqual({
          chat,
          user,
          role: 'member',
          visibleFrom: 10,
          visibleFromRev: 15,
          joinedAt: 2_000,
          rev: 15,
          read: 0,
          delivered: 0,
          muted: false,
          pinned: false,
        });
      }
    });

    it('that ended stay, with where they ended', async () => {
      const { reads, writes } = probe.store;
      for (const order of everyOrder([0, 1])) {
        const [chat, user] = [probe.fresh('chat'), probe.fresh('user')];
        const rows: MembershipRow[] = [
          { chat, user, role: 'member', visibleFrom: 3, visibleFromRev: 4, joinedAt: 1_000, rev: 4, clock: T + 1 },
          { chat, user, role: null, leftAtSeq: 9, rev: 12, clock: T + 3 },
        ];
        await inOrder(order.map((index) => () => writes.putMemberships([rows[index]!])));
        const ended = { role: null, leftAtSeq: 9, visibleFrom: 3, visibleFromRev: 4, rev: 12 };
        expect(await reads.membership(user, chat)).toMatchObject(ended);
        expect(await reads.chatsOf(user)).toEqual([expect.objectContaining({ chat, ...ended })]);
        expect(await reads.members(chat, { limit: 10 })).toEqual([]);
      }
    });

    it('list the chats of a user and no others', async () => {
      const { reads, writes } = probe.store;
      const [user, other] = [probe.fresh('user'), probe.fresh('user')];
      const chats = [probe.fresh('chat'), probe.fresh('chat')];
      const begun = { role: 'member', visibleFrom: 1, visibleFromRev: 1, joinedAt: 1, rev: 1, clock: T } as const;
      await writes.putMemberships(chats.map((chat) => ({ chat, user, ...begun })));
      await writes.putMemberships([{ chat: chats[0]!, user: other, ...begun }]);
      const listed = await reads.chatsOf(user);
      expect(listed.map(({ chat }) => chat).toSorted()).toEqual(chats.toSorted());
      expect(await reads.chatsOf(probe.fresh('user'))).toEqual([]);
      expect(await reads.membership(user, probe.fresh('chat'))).toBeNull();
    });

    it('page through the present members by the bytes of their ids, without gap or double', async () => {
      const { reads, writes } = probe.store;
      const chat = probe.fresh('chat');
      const users = [
        'B',
        'a',
        'b',
        'ab',
        'é',
        '\u{10400}',
        '\uff5e',
        '가',
        '각',
        'Z',
        'gone',
        '_',
        "o'brien",
        '%',
        'ß',
      ];
      const begun = { visibleFrom: 1, visibleFromRev: 1, joinedAt: 1, rev: 1, clock: T } as const;
      await writes.putMemberships(users.map((user) => ({ chat, user, role: 'member', ...begun })));
      await writes.putMemberships([{ chat, user: 'gone', role: null, leftAtSeq: 1, rev: 2, clock: T + 1 }]);
      const found: string[] = [];
      for (let pages = 0; pages < 10; pages++) {
        const afterUser = found.at(-1);
        const page = await reads.members(chat, { limit: 4, ...(afterUser === undefined ? {} : { afterUser }) });
        if (page.length === 0) break;
        expect(page.length).toBeLessThanOrEqual(4);
        found.push(...page.map(({ user }) => user));
      }
      const present = users.filter((user) => user !== 'gone');
      expect(found).toEqual(present.toSorted((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other))));
    });
  });

  describe('marks', () => {
    it('are maxima: they never fall, whatever the order, and what is read has been delivered', async () => {
      const { reads, writes } = probe.store;
      for (const order of everyOrder([0, 1, 2])) {
        const [chat, user] = [probe.fresh('chat'), probe.fresh('user')];
        const raises = [
          { chat, user, delivered: 9, read: 2 },
          { chat, user, delivered: 3, read: 3 },
          { chat, user, delivered: 0, read: 5 },
        ];
        await inOrder(order.map((index) => () => writes.raiseMarks([raises[index]!])));
        expect(await reads.marks(chat)).toEqual([{ user, delivered: 9, read: 5 }]);
        await writes.raiseMarks([{ chat, user, delivered: 0, read: 11 }]);
        expect(await reads.marks(chat, [user])).toEqual([{ user, delivered: 11, read: 11 }]);
      }
    });

    it('outlive leaving and coming back, and stand in the membership', async () => {
      const { reads, writes } = probe.store;
      const [chat, user] = [probe.fresh('chat'), probe.fresh('user')];
      const begun = { chat, user, role: 'member', visibleFrom: 1, visibleFromRev: 1, joinedAt: 1 } as const;
      await writes.raiseMarks([{ chat, user, delivered: 4, read: 4 }]);
      await writes.putMemberships([{ ...begun, rev: 1, clock: T }]);
      await writes.putMemberships([{ chat, user, role: null, leftAtSeq: 6, rev: 2, clock: T + 1 }]);
      await writes.putMemberships([{ ...begun, rev: 3, clock: T + 2 }]);
      await writes.raiseMarks([{ chat, user, delivered: 2, read: 1 }]);
      const marks = { delivered: 4, read: 4 };
      expect(await reads.membership(user, chat)).toMatchObject(marks);
      expect((await reads.chatsOf(user))[0]).toMatchObject(marks);
      expect((await reads.members(chat, { limit: 1 }))[0]).toMatchObject(marks);
    });

    it('are given for those asked for, or for everyone', async () => {
      const { reads, writes } = probe.store;
      const chat = probe.fresh('chat');
      await writes.raiseMarks(
        ['a', 'b', '가'].map((user, index) => ({ chat, user, delivered: index + 1, read: index })),
      );
      const byUser = (await reads.marks(chat, ['가', 'a', 'nobody'])).toSorted((one, other) => one.read - other.read);
      expect(byUser).toEqual([
        { user: 'a', delivered: 1, read: 0 },
        { user: '가', delivered: 3, read: 2 },
      ]);
      expect(await reads.marks(chat)).toHaveLength(3);
      expect(await reads.marks(chat, [])).toEqual([]);
      expect(await reads.marks(probe.fresh('chat'))).toEqual([]);
    });
  });

  describe('heads', () => {
    it('only rise, and each field is the newest by clock, whatever the order of the writes', async () => {
      const { reads, writes } = probe.store;
      for (const order of everyOrder([0, 1, 2, 3])) {
        const chat = probe.fresh('chat');
        const rows: HeadRow[] = [
          {
            chat,
            seq: 0,
            rev: 1,
            clock: T + 1,
            at: 1,
            kind: 'group',
            title: '처음',
            settings: SETTINGS,
            memberCount: 2,
          },
          { chat, seq: 1, rev: 2, clock: T + 2, at: 2 },
          { chat, seq: 1, rev: 3, clock: T + 3, title: '둘째', avatar: 'f', settings: { ...SETTINGS, join: 'open' } },
          { chat, seq: 1, rev: 4, clock: T + 4, memberCount: 3 },
        ];
        await inOrder(order.map((index) => () => writes.putHeads([rows[index]!])));
        expect(await reads.heads([chat])).toEqual([
          {
            chat,
            seq: 1,
            rev: 4,
            clock: T + 4,
            at: 2,
            kind: 'group',
            title: '둘째',
            avatar: 'f',
            settings: { ...SETTINGS, join: 'open' },
            memberCount: 3,
          },
        ]);
      }
    });

    it('come in the order asked, null where there is none', async () => {
      const { reads, writes } = probe.store;
      const [one, other] = [probe.fresh('chat'), probe.fresh('chat')];
      const created = { seq: 0, rev: 1, clock: T, at: 1, kind: 'direct', settings: SETTINGS, memberCount: 2 } as const;
      await writes.putHeads([
        { chat: one, ...created },
        { chat: other, ...created },
      ]);
      const heads = await reads.heads([other, probe.fresh('chat'), one]);
      expect(heads.map((head) => head?.chat)).toEqual([other, undefined, one]);
      expect(heads[0]).not.toHaveProperty('title');
      expect(await reads.heads([])).toEqual([]);
    });
  });

  describe('changes', () => {
    const eventOf = (chat: string, rev: number, body: EventRecord['body']): EventRecord => ({
      chat,
      rev,
      seq: 2,
      clock: T + rev,
      by: '앨리스',
      body,
    });
    const titled = (chat: string, rev: number) => eventOf(chat, rev, { type: 'chat.updated', title: `제목 ${rev}` });
    const reacted = (chat: string, rev: number) =>
      eventOf(chat, rev, { type: 'reaction.set', seq: 1, emoji: '👍', on: true });

    it('are pages of events above a rev, ascending, however often they were written', async () => {
      const { reads, writes } = probe.store;
      const chat = probe.fresh('chat');
      const events = [9, 2, 5, 7].map((rev) => (rev === 5 ? titled(chat, rev) : reacted(chat, rev)));
      const rows = events.map((event) => ({ event, notice: event.body.type === 'chat.updated' }));
      await writes.putChanges(rows);
      await writes.putChanges(rows.slice(1, 3));
      const revs = async (after: number, through: number, limit: number) =>
        (await reads.changes(chat, after, through, limit)).map(({ rev }) => rev);
      expect(await reads.changes(chat, 4, 5, 10)).toEqual([titled(chat, 5)]);
      expect(await revs(0, 100, 10)).toEqual([2, 5, 7, 9]);
      expect(await revs(2, 9, 2)).toEqual([5, 7]);
      expect(await revs(7, 9, 2)).toEqual([9]);
      expect(await revs(9, 100, 2)).toEqual([]);
    });

    it('that are notices are found in a range: the newest of them, ascending', async () => {
      const { reads, writes } = probe.store;
      const chat = probe.fresh('chat');
      await writes.putChanges([2, 4, 6, 8].map((rev) => ({ event: titled(chat, rev), notice: true })));
      await writes.putChanges([3, 5].map((rev) => ({ event: reacted(chat, rev), notice: false })));
      expect(await reads.notices(chat, 2, 6, 10)).toEqual([2, 4, 6].map((rev) => titled(chat, rev)));
      expect((await reads.notices(chat, 0, 100, 2)).map(({ rev }) => rev)).toEqual([6, 8]);
      expect(await reads.notices(chat, 9, 100, 2)).toEqual([]);
    });

    it('of a chat far along are found as those at its beginning', async () => {
      const { reads, writes } = probe.store;
      const chat = probe.fresh('chat');
      await writes.putChanges([4_999, 5_000, 5_001, 12_345].map((rev) => ({ event: titled(chat, rev), notice: true })));
      expect((await reads.changes(chat, 4_998, 20_000, 10)).map(({ rev }) => rev)).toEqual([
        4_999, 5_000, 5_001, 12_345,
      ]);
      expect((await reads.notices(chat, 4_990, 20_000, 3)).map(({ rev }) => rev)).toEqual([5_000, 5_001, 12_345]);
    });
  });
}
