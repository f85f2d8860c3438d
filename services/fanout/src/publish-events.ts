import type { EventRecord } from '@garam/contracts/event-record';
import type { Bus, RouteKey } from '@garam/bus/bus';
import { membershipChanges, type UserChange } from './membership-changes.ts';
import { createOutgoing } from './outgoing.ts';

/** The steps of publishing, as an argument so that a simulation can show that their order matters. */
export interface PublishSteps {
  remember(bus: Bus, events: readonly EventRecord[]): Promise<void>;
  findRoutes(bus: Bus, events: readonly EventRecord[]): Promise<RouteTable>;
  send(bus: Bus, events: readonly EventRecord[], routes: RouteTable): Promise<void>;
}

export const publishSteps: PublishSteps = { remember, findRoutes, send };

export type RouteTable = ReadonlyMap<RouteKey, readonly string[]>;

/**
 * The barrier towards gateways that are just subscribing: an event is first put among the recent ones (of its chat,
 * and of the users it concerns), then the routes are read, then it is published. A gateway writes its route first and
 * reads the recent ones afterwards; so either the route is seen here or the event is seen there. Events that were
 * published before are published again: the gateways' gates drop what they have had.
 */
export async function publishEvents(
  bus: Bus,
  events: readonly EventRecord[],
  steps: PublishSteps = publishSteps,
): Promise<void> {
  await steps.remember(bus, events);
  const routes = await steps.findRoutes(bus, events);
  await steps.send(bus, events, routes);
}

async function remember(bus: Bus, events: readonly EventRecord[]): Promise<void> {
  const running = [bus.recent.appendAll(events)];
  for (const event of events) {
    for (const { user, kind } of membershipChanges(event)) {
      running.push(bus.recent.appendForUser(user, { chat: event.chat, rev: event.rev, kind }));
    }
  }
  await Promise.all(running);
}

async function findRoutes(bus: Bus, events: readonly EventRecord[]): Promise<RouteTable> {
  const keys = new Set<RouteKey>();
  for (const event of events) {
    keys.add(`chat:${event.chat}`);
    for (const { user } of membershipChanges(event)) keys.add(`user:${user}`);
  }
  const wanted = [...keys];
  const found = await bus.routes.get(wanted);
  return new Map(wanted.map((key, index) => [key, found[index] ?? []]));
}

/** One batch per instance, in the order of the log; whoever waits for the command's answer gets the event as well. */
async function send(bus: Bus, events: readonly EventRecord[], routes: RouteTable): Promise<void> {
  const outgoing = createOutgoing();
  for (const event of events) {
    const instances = routes.get(`chat:${event.chat}`) ?? [];
    const origin = event.cause?.origin;
    outgoing.add(instances, { kind: 'event', event });
    if (origin !== undefined && !instances.includes(origin)) outgoing.add([origin], { kind: 'event', event });
    for (const change of membershipChanges(event)) {
      outgoing.add(routes.get(`user:${change.user}`) ?? [], userEntry(event, change));
    }
  }
  await Promise.all([...outgoing.batches].map(([instance, entries]) => bus.publish(instance, entries)));
}

function userEntry({ chat, rev }: EventRecord, { user, kind }: UserChange) {
  return kind === 'added'
    ? ({ kind: 'chat.added', user, chat, rev } as const)
    : ({ kind: 'chat.removed', user, chat, rev } as const);
}
