import type { MembershipChange } from '@garam/bus/bus';
import { expect, test } from 'vitest';
import type { FixtureOf } from './bus-contract.ts';
import { eventAt, newName } from './bus-values.ts';

export function recentContract(fixture: FixtureOf): void {
  const revs = async (chat: string, afterRev: number, throughRev: number) =>
    (await fixture().bus.recent.range(chat, afterRev, throughRev)).map(({ rev }) => rev);

  test('events come back whole, those after one rev through another, ascending', async () => {
    const { recent } = fixture().bus;
    const chat = newName('chat');
    await recent.append(eventAt(chat, 1));
    await recent.appendAll([2, 3, 4, 5].map((rev) => eventAt(chat, rev)));
    expect(await recent.range(chat, 1, 3)).toEqual([eventAt(chat, 2), eventAt(chat, 3)]);
    expect(await revs(chat, 0, 100)).toEqual([1, 2, 3, 4, 5]);
    expect(await revs(chat, 5, 100)).toEqual([]);
    expect(await revs(chat, 3, 3)).toEqual([]);
    expect(await revs(newName('chat'), 0, 100)).toEqual([]);
  });

  test('heads are the newest rev of each chat in the order asked, 0 where nothing is', async () => {
    const { recent } = fixture().bus;
    const [a, b] = [newName('chat'), newName('chat')];
    await recent.appendAll([eventAt(a, 8), eventAt(b, 3), eventAt(a, 9)]);
    expect(await recent.heads([b, newName('chat'), a])).toEqual([3, 0, 9]);
  });

  test('an event given twice, or late, is no error, appears once at most, and heads do not go back', async () => {
    const { recent } = fixture().bus;
    const chat = newName('chat');
    await recent.appendAll([1, 2, 4].map((rev) => eventAt(chat, rev)));
    await recent.appendAll([1, 2, 3, 4, 5].map((rev) => eventAt(chat, rev)));
    await recent.append(eventAt(chat, 2));
    expect(await recent.heads([chat])).toEqual([5]);
    const found = await revs(chat, 0, 100);
    expect(found).toEqual([...new Set(found)].toSorted((a, b) => a - b));
    expect(found).toEqual(expect.arrayContaining([1, 2, 4, 5]));
  });

  test('of a busy chat the newest events are kept, densely, and older ones are forgotten', async () => {
    const { bus, eventsPerChat } = fixture();
    const chat = newName('chat');
    const total = eventsPerChat * 5;
    const events = Array.from({ length: total }, (_, index) => eventAt(chat, index + 1));
    for (let from = 0; from < total; from += 100) await bus.recent.appendAll(events.slice(from, from + 100));
    const found = await revs(chat, 0, total);
    expect(found.slice(-eventsPerChat)).toEqual(events.slice(-eventsPerChat).map(({ rev }) => rev));
    expect(found.length).toBeLessThanOrEqual(eventsPerChat * 2);
  });

  test('membership changes of a user come back in the order they arrived, the newest ones, a repeated one is no error', async () => {
    const { recent } = fixture().bus;
    const user = newName('user');
    const changes: MembershipChange[] = [
      { chat: 'b', rev: 7, kind: 'added' },
      { chat: 'a', rev: 1, kind: 'added' },
      { chat: 'b', rev: 9, kind: 'removed' },
    ];
    expect(await recent.forUser(user)).toEqual([]);
    for (const change of changes) await recent.appendForUser(user, change);
    expect(await recent.forUser(user)).toEqual(changes);
    await recent.appendForUser(user, changes[2]!);
    for (let rev = 10; rev < 1_000; rev++) await recent.appendForUser(user, { chat: 'c', rev, kind: 'added' });
    const newest = await recent.forUser(user);
    expect(newest.at(-1)).toEqual({ chat: 'c', rev: 999, kind: 'added' });
    expect(newest.length).toBeLessThan(500);
  });
}
