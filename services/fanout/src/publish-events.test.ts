import type { BusEntry } from '@garam/contracts/bus-entry';
import type { EventBody, EventRecord } from '@garam/contracts/event-record';
import { createMemoryBus, type MemoryBus } from '@garam/bus-memory/create-memory-bus';
import { createManualClock, type ManualClock } from '@garam/testkit/manual-clock';
import { beforeEach, expect, test } from 'vitest';
import { publishEvents, publishSteps } from './publish-events.ts';

const settings = { join: 'invite', history: 'joined', send: 'all', invite: 'all' } as const;
let clock: ManualClock;
let bus: MemoryBus;

beforeEach(() => {
  clock = createManualClock();
  bus = createMemoryBus({ clock });
});

function event(rev: number, body: EventBody, fields: Partial<EventRecord> = {}): EventRecord {
  return { chat: 'c1', rev, seq: rev, clock: rev, by: 'alice', body, ...fields };
}

function message(rev: number, fields: Partial<EventRecord> = {}): EventRecord {
  return event(rev, { type: 'message.created', clientId: `m${rev}`, kind: 'text', text: 'hi' }, fields);
}

async function listen(instance: string): Promise<BusEntry[]> {
  const heard: BusEntry[] = [];
  await bus.subscribe(instance, { entries: (entries) => heard.push(...entries), resubscribed: () => undefined });
  return heard;
}

const revs = (entries: readonly BusEntry[]) =>
  entries.map((entry) => (entry.kind === 'event' ? entry.event.rev : entry.kind));

test('events reach every gateway with a route of the chat, in rev order, and no other', async () => {
  const [one, two, other] = await Promise.all(['g1', 'g2', 'g3'].map(listen));
  await bus.routes.add(['chat:c1'], 'g1', 60_000);
  await bus.routes.add(['chat:c1'], 'g2', 60_000);
  await bus.routes.add(['chat:c2'], 'g3', 60_000);
  await publishEvents(bus, [message(1), message(1, { chat: 'c2' }), message(2), message(3)]);
  await clock.settle();
  expect(revs(one!)).toEqual([1, 2, 3]);
  expect(revs(two!)).toEqual([1, 2, 3]);
  expect(revs(other!)).toEqual([1]);
});

test('whoever waits for the answer gets the event, with a route or without, once', async () => {
  const [routed, unrouted] = await Promise.all(['g1', 'api1'].map(listen));
  await bus.routes.add(['chat:c1'], 'g1', 60_000);
  await publishEvents(bus, [
    message(1, { cause: { origin: 'g1', command: 1 } }),
    message(2, { cause: { origin: 'api1', command: 1 } }),
  ]);
  await clock.settle();
  expect(revs(routed!)).toEqual([1, 2]);
  expect(revs(unrouted!)).toEqual([2]);
});

test('users who come or go are told where they are connected, after the event itself', async () => {
  const [chatGateway, bobs] = await Promise.all(['g1', 'g2'].map(listen));
  await bus.routes.add(['chat:c1'], 'g1', 60_000);
  await bus.routes.add(['user:bob', 'chat:c1'], 'g2', 60_000);
  await publishEvents(bus, [
    event(1, { type: 'chat.created', kind: 'group', settings, members: [{ user: 'alice', role: 'owner' }] }),
    event(2, { type: 'member.added', users: ['bob', 'carol'], from: 1, viewRev: 2, memberCount: 3 }),
    event(3, { type: 'member.removed', user: 'bob', memberCount: 2 }),
  ]);
  await clock.settle();
  expect(revs(chatGateway!)).toEqual([1, 2, 3]);
  expect(revs(bobs!)).toEqual([1, 2, 'chat.added', 3, 'chat.removed']);
  expect(bobs![2]).toEqual({ kind: 'chat.added', user: 'bob', chat: 'c1', rev: 2 });
  expect(await bus.recent.forUser('carol')).toEqual([{ chat: 'c1', rev: 2, kind: 'added' }]);
});

/**
 * A gateway subscribes between any two steps: it writes its routes, then reads what is recent. It must learn of the
 * event one way or the other.
 */
async function isHeardBySubscriberAfter(stepsBefore: number, order: (keyof typeof publishSteps)[]): Promise<boolean> {
  bus = createMemoryBus({ clock });
  const heard = await listen('g1');
  const events = [event(1, { type: 'member.added', users: ['bob'], from: 1, viewRev: 1, memberCount: 2 })];
  let found: { head: number; changes: number } | undefined;
  const subscribe = async () => {
    await bus.routes.add(['user:bob', 'chat:c1'], 'g1', 60_000);
    found = { head: (await bus.recent.heads(['c1']))[0]!, changes: (await bus.recent.forUser('bob')).length };
  };
  let routes: Awaited<ReturnType<typeof publishSteps.findRoutes>> = new Map();
  for (const [index, step] of order.entries()) {
    if (index === stepsBefore) await subscribe();
    if (step === 'findRoutes') routes = await publishSteps.findRoutes(bus, events);
    else if (step === 'remember') await publishSteps.remember(bus, events);
    else await publishSteps.send(bus, events, routes);
  }
  if (found === undefined) await subscribe();
  await clock.settle();
  const hasEvent = found!.head === 1 || heard.some(({ kind }) => kind === 'event');
  const hasChat = found!.changes === 1 || heard.some(({ kind }) => kind === 'chat.added');
  return hasEvent && hasChat;
}

test('whoever subscribes at any moment either is told or finds it among the recent ones', async () => {
  for (const before of [0, 1, 2, 3]) {
    expect(await isHeardBySubscriberAfter(before, ['remember', 'findRoutes', 'send'])).toBe(true);
  }
});

test('reading the routes before remembering would leave a hole', async () => {
  expect(await isHeardBySubscriberAfter(1, ['findRoutes', 'remember', 'send'])).toBe(false);
});

test('events published before are published again: the gates of the gateways drop what they have had', async () => {
  const heard = await listen('g1');
  await bus.routes.add(['chat:c1'], 'g1', 60_000);
  await publishEvents(bus, [message(1), message(2)]);
  await publishEvents(bus, [message(1), message(2)]);
  await clock.settle();
  expect(revs(heard)).toEqual([1, 2, 1, 2]);
  expect(await bus.recent.heads(['c1'])).toEqual([2]);
});
