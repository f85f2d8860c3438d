import { BusError, type BusListener } from '@garam/bus/bus';
import type { BusEntry } from '@garam/contracts/bus-entry';
import { expect, test } from 'vitest';
import type { FixtureOf } from './bus-contract.ts';
import { eventAt, newName, typingEntry, usersOf } from './bus-values.ts';
import { numbered } from './eventlog-probe.ts';
import { until } from './until.ts';

/** A listener that notes everything. */
function noting() {
  const entries: BusEntry[] = [];
  const signals: string[] = [];
  const listener: BusListener = {
    entries: (added) => entries.push(...added),
    resubscribed: () => signals.push('resubscribed'),
    lost: (isLost) => signals.push(isLost ? 'lost' : 'back'),
  };
  return { entries, signals, listener };
}

export function publishContract(fixture: FixtureOf): void {
  test('entries reach the instance they are for, whole and in the order of the calls', async () => {
    const { bus } = fixture();
    const [one, other] = [noting(), noting()];
    const [instance, elsewhere] = [newName('gateway'), newName('gateway')];
    await bus.subscribe(instance, one.listener);
    await bus.subscribe(elsewhere, other.listener);
    const event = eventAt('chat', 7);
    const calls = numbered('', 200).map((user) =>
      bus.publish(instance, [typingEntry(`${user}a`), typingEntry(`${user}b`)]),
    );
    calls.push(bus.publish(elsewhere, [{ kind: 'event', event }]), bus.publish(instance, [typingEntry('last')]));
    await Promise.all(calls);
    await until(() => one.entries.length >= 401 && other.entries.length >= 1, 'all have arrived');
    expect(usersOf(one.entries)).toEqual([...numbered('', 200).flatMap((user) => [`${user}a`, `${user}b`]), 'last']);
    expect(other.entries).toEqual([{ kind: 'event', event }]);
  });

  test('a listener is never called within publish', async () => {
    const { bus } = fixture();
    const { entries, listener } = noting();
    const instance = newName('gateway');
    await bus.subscribe(instance, listener);
    const published = bus.publish(instance, [typingEntry('a')]);
    expect(entries).toEqual([]);
    await published;
    await until(() => entries.length === 1, 'it has arrived');
  });

  test('publishing to nobody is no error, and is not kept for who comes later', async () => {
    const { bus } = fixture();
    const instance = newName('gateway');
    const { entries, listener } = noting();
    await bus.publish(instance, [typingEntry('early')]);
    await bus.subscribe(instance, listener);
    await bus.publish(instance, [typingEntry('late')]);
    await until(() => entries.length > 0, 'the later one has arrived');
    expect(usersOf(entries)).toEqual(['late']);
  });

  test('nothing arrives after a subscription was closed', async () => {
    const { bus } = fixture();
    const instance = newName('gateway');
    const [closed, open] = [noting(), noting()];
    const subscription = await bus.subscribe(instance, closed.listener);
    await bus.subscribe(instance, open.listener);
    await bus.publish(instance, [typingEntry('a')]);
    await until(() => closed.entries.length === 1 && open.entries.length === 1, 'both have it');
    await subscription.close();
    await bus.publish(instance, [typingEntry('b')]);
    await until(() => open.entries.length === 2, 'the other has the second');
    expect(usersOf(closed.entries)).toEqual(['a']);
  });

  test('when the connection breaks entries are lost, and the listener is told to look for itself', async (context) => {
    const loseConnection = fixture().loseConnection;
    if (loseConnection === undefined) return context.skip('the connection cannot be broken');
    const { bus } = fixture();
    const instance = newName('gateway');
    const { entries, signals, listener } = noting();
    await bus.subscribe(instance, listener);
    const restore = await loseConnection(instance);
    await until(() => signals.includes('lost'), 'the loss is noticed');
    await bus.publish(instance, [typingEntry('lost')]);
    await restore();
    await until(() => signals.includes('resubscribed'), 'the subscription is back');
    expect(signals.filter((signal) => signal !== 'resubscribed')).toEqual(['lost', 'back']);
    await bus.publish(instance, [typingEntry('after')]);
    await until(() => entries.length > 0, 'entries arrive again');
    expect(usersOf(entries)).toEqual(['after']);
  });

  test('out of reach everything rejects with BusError', async (context) => {
    const makeUnreachable = fixture().makeUnreachable;
    if (makeUnreachable === undefined) return context.skip('the bus cannot be put out of reach');
    const { bus } = fixture();
    const restore = await makeUnreachable();
    const attempts: (() => Promise<unknown>)[] = [
      () => bus.publish('gateway', [typingEntry('a')]),
      () => bus.routes.add(['chat:a'], 'gateway', 1_000),
      () => bus.routes.remove(['chat:a'], 'gateway'),
      () => bus.routes.get(['chat:a']),
      () => bus.recent.append(eventAt('chat', 1)),
      () => bus.recent.appendAll([eventAt('chat', 1)]),
      () => bus.recent.heads(['chat']),
      () => bus.recent.range('chat', 0, 1),
      () => bus.recent.appendForUser('user', { chat: 'chat', rev: 1, kind: 'added' }),
      () => bus.recent.forUser('user'),
      () => bus.presence.online('user', 'session', 1_000),
      () => bus.presence.offline('user', 'session'),
      () => bus.presence.get(['user']),
    ];
    for (const attempt of attempts) await expect(attempt()).rejects.toBeInstanceOf(BusError);
    await restore();
    await until(async () => (await bus.routes.get(['chat:a']).catch(() => null)) !== null, 'it is in reach again');
  });
}
