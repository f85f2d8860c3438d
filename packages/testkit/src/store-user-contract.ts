import { describe, expect, it } from 'vitest';
import type { StoreProbe } from './store-contract.ts';
import { everyOrder, inOrder } from './store-orders.ts';

const AT = 1_795_000_000_000;

export function userContract(probe: StoreProbe): void {
  describe('people', () => {
    it('have the newest profile, whatever the order of the writes; an absent avatar is taken away', async () => {
      const { users } = probe.store;
      for (const order of everyOrder([0, 1, 2])) {
        const user = probe.fresh('user');
        const profiles = [
          { user, name: 'Old', avatar: 'a', at: AT + 1 },
          { user, name: 'Older', at: AT },
          { user, name: '새 이름 🙂', at: AT + 2 },
        ];
        await inOrder(order.map((index) => () => users.putProfile(profiles[index]!)));
        expect(await users.profiles([user])).toStrictEqual([profiles[2]]);
      }
    });

    it('are absent while unknown, even when something else is known of them', async () => {
      const { users } = probe.store;
      const [known, seen] = [probe.fresh('사용자'), probe.fresh('user')];
      await users.putProfile({ user: known, name: 'K', avatar: 'f', at: AT });
      await users.touch(seen, AT);
      await users.putStanding(seen, { banned: true }, AT);
      const found = await users.profiles([probe.fresh('user'), known, seen]);
      expect(found).toEqual([{ user: known, name: 'K', avatar: 'f', at: AT }]);
      expect(await users.profiles([])).toEqual([]);
    });

    it('were last seen at the latest time told, which a new profile does not change', async () => {
      const { users } = probe.store;
      for (const order of everyOrder([0, 1, 2])) {
        const user = probe.fresh('user');
        const steps = [
          () => users.touch(user, AT + 5),
          () => users.touch(user, AT + 3),
          () => users.putProfile({ user, name: 'N', at: AT }),
        ];
        await inOrder(order.map((index) => steps[index]!));
        expect(await users.profiles([user])).toEqual([{ user, name: 'N', at: AT, lastSeenAt: AT + 5 }]);
      }
    });

    it('have nothing against them until an operator says so; each word stands by its time', async () => {
      const { users } = probe.store;
      expect(await users.standing(probe.fresh('user'))).toEqual({ banned: false, silencedUntil: 0, revokedBefore: 0 });
      for (const order of everyOrder([0, 1, 2])) {
        const user = probe.fresh('user');
        const steps = [
          () => users.putStanding(user, { banned: true, silencedUntil: AT + 100 }, AT + 1),
          () => users.putStanding(user, { banned: false }, AT + 2),
          () => users.putStanding(user, { revokedBefore: AT }, AT + 3),
        ];
        await inOrder(order.map((index) => steps[index]!));
        expect(await users.standing(user)).toEqual({ banned: false, silencedUntil: AT + 100, revokedBefore: AT });
      }
    });

    it('block each other one way, until they unblock', async () => {
      const { users } = probe.store;
      for (const order of everyOrder([0, 1])) {
        const [user, other] = [probe.fresh('user'), probe.fresh('user')];
        const steps = [() => users.block(user, other, true, AT + 1), () => users.block(user, other, false, AT)];
        await inOrder(order.map((index) => steps[index]!));
        expect(await users.hasBlocked(user, other)).toBe(true);
        expect(await users.hasBlocked(other, user)).toBe(false);
        await users.block(user, other, false, AT + 2);
        expect(await users.hasBlocked(user, other)).toBe(false);
      }
    });
  });

  describe('preferences', () => {
    it('stand in the membership, each by its time, whatever the order of the writes', async () => {
      const { reads, users, writes } = probe.store;
      for (const order of everyOrder([0, 1, 2])) {
        const [chat, user] = [probe.fresh('chat'), probe.fresh('user')];
        const begun = {
          role: 'member',
          visibleFrom: 1,
          visibleFromRev: 1,
          joinedAt: 1,
          rev: 1,
          clock: AT * 1000,
        } as const;
        const steps = [
          () => users.putPrefs(user, chat, { muted: true, pinned: true }, AT + 1),
          () => users.putPrefs(user, chat, { pinned: false, hiddenThroughSeq: 7 }, AT + 2),
          () => writes.putMemberships([{ chat, user, ...begun }]),
        ];
        await inOrder(order.map((index) => steps[index]!));
        const prefs = { muted: true, pinned: false, hiddenThroughSeq: 7 };
        expect(await reads.membership(user, chat)).toMatchObject(prefs);
        expect((await reads.chatsOf(user))[0]).toMatchObject(prefs);
        await users.putPrefs(user, chat, { hiddenThroughSeq: 0 }, AT + 3);
        expect(await reads.membership(user, chat)).not.toHaveProperty('hiddenThroughSeq');
      }
    });

    it('do not make a membership', async () => {
      const { reads, users } = probe.store;
      const [chat, user] = [probe.fresh('chat'), probe.fresh('user')];
      await users.putPrefs(user, chat, { muted: true }, AT);
      expect(await reads.membership(user, chat)).toBeNull();
      expect(await reads.chatsOf(user)).toEqual([]);
    });
  });
}
