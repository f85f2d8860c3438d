import { createMemoryBus, type MemoryBus } from '@garam/bus-memory/create-memory-bus';
import type { EventBody, EventRecord } from '@garam/contracts/event-record';
import type { Push } from '@garam/protocol/pushes';
import type { Summary } from '@garam/protocol/entities';
import { Refusal } from '@garam/protocol/errors';
import type { StoredHead, StoredMembership } from '@garam/store/view-reads';
import { quietLogger } from '@garam/telemetry/logger';
import { noopMeter } from '@garam/telemetry/meter';
import { createManualClock, type ManualClock } from '@garam/testkit/manual-clock';
import { toWireEvent } from '@garam/views/to-wire-event';
import { createDelivery, type Delivery } from '../delivery/delivery.ts';
import type { DeliveryDeps, DeliveryOptions } from '../delivery/delivery-deps.ts';
import { createDeliveryMetrics } from '../delivery/delivery-metrics.ts';
import { deliveryParts, type DeliveryParts } from '../delivery/delivery-parts.ts';
import type { Attachment, Receiver } from '../delivery/receiver.ts';
import type { SharedPush } from '../shared-push.ts';

export const INSTANCE = 'gateway-1';

/**
 * What lies around delivery, small enough to be steered by a test: chats as lists of events, a persister that may lag
 * (`persist`), a fanout (`fanOut`) over the real memory bus. Time stands still.
 */
export interface ChatWorld {
  readonly clock: ManualClock;
  readonly bus: MemoryBus;
  readonly delivery: Delivery;
  readonly settled: EventRecord[];
  /** Appends an event to the chat; nobody is told. */
  happen(chat: string, by: string, body: EventBody, cause?: EventRecord['cause']): EventRecord;
  say(chat: string, by: string, text: string): EventRecord;
  /** The persister gets as far as the chat's last event (or `rev`). */
  persist(chat: string, rev?: number): void;
  /** As fanout does it: recent, routes, publish, the user level included. */
  fanOut(...events: EventRecord[]): Promise<void>;
  /** happen + persist + fanOut, and everything it sets off. */
  live(chat: string, by: string, body: EventBody): Promise<EventRecord>;
  connect(user: string, open?: { chat: string; seq: number; rev: number }[]): Promise<Client>;
  /** What the store answers is held back until the returned function is called. */
  holdStore(): () => void;
}

export interface Client extends Receiver {
  readonly pushes: Push[];
  attachment: Attachment;
  /** Revs of the chat's event pushes, in order. */
  revs(chat: string): number[];
  buffered: number;
}

export interface WorldOptions {
  delivery?: Partial<DeliveryOptions>;
  parts?: Partial<DeliveryParts>;
}

export function createChatWorld(options: WorldOptions = {}): ChatWorld {
  const clock = createManualClock();
  const bus = createMemoryBus({ clock });
  const chats = new Map<string, EventRecord[]>();
  const persisted = new Map<string, number>();
  const settled: EventRecord[] = [];
  let storeGate: Promise<void> | undefined;

  const seen = (chat: string) => (chats.get(chat) ?? []).slice(0, persisted.get(chat) ?? 0);

  async function whenOpen<T>(read: () => T): Promise<T> {
    await storeGate;
    return read();
  }

  const deps: DeliveryDeps = {
    instance: INSTANCE,
    bus,
    clock,
    logger: quietLogger,
    metrics: createDeliveryMetrics(noopMeter),
    settle: (event) => void settled.push(event),
    reads: {
      heads: (names) => whenOpen(() => names.map((chat) => headOf(chat, seen(chat)))),
      chatsOf: (user) =>
        whenOpen(() =>
          [...chats.keys()].map((chat) => membershipOf(chat, user, seen(chat))).filter((row) => row !== null),
        ),
      membership: (user, chat) => whenOpen(() => membershipOf(chat, user, seen(chat))),
    },
    views: {
      eventsAfter: (chat, { rev }, { limit, atLeastRev }) =>
        whenOpen(() => {
          const events = seen(chat);
          if (events.length < atLeastRev) throw new Refusal('unavailable');
          const page = events.slice(rev, rev + limit);
          const head = wireHead(headOf(chat, events)!);
          return {
            events: page.map((record) => ({
              wire: toWireEvent(record),
              ...(record.body.type === 'message.created' ? {} : { record }),
            })),
            head,
            more: rev + limit < events.length,
          };
        }),
      chat: (user, chat, atLeastRev = 0) =>
        whenOpen(() => {
          const events = seen(chat);
          if (events.length < atLeastRev) throw new Refusal('unavailable');
          const row = membershipOf(chat, user, events);
          if (row?.role == null) throw new Refusal('not_found');
          return { chat, head: wireHead(headOf(chat, events)!) } as Summary;
        }),
    },
  };
  const delivery = createDelivery(deps, { antiEntropyMs: 0, ...options.delivery }, { ...deliveryParts, ...options.parts });

  const world: ChatWorld = {
    clock,
    bus,
    delivery,
    settled,
    happen(chat, by, body, cause) {
      const events = chats.get(chat) ?? [];
      chats.set(chat, events);
      const seq = (events.at(-1)?.seq ?? 0) + (body.type === 'message.created' ? 1 : 0);
      const rev = events.length + 1;
      const event: EventRecord = { chat, rev, seq, clock: clock.now() * 1_000 + rev, by, body, ...(cause ? { cause } : {}) };
      events.push(event);
      return event;
    },
    say: (chat, by, text) => world.happen(chat, by, message(`${chat}-${by}-${text}`, text)),
    persist: (chat, rev) => void persisted.set(chat, rev ?? chats.get(chat)!.length),
    fanOut: (...events) => fanOut(bus, events),
    async live(chat, by, body) {
      const event = world.happen(chat, by, body);
      world.persist(chat);
      await world.fanOut(event);
      await clock.settle();
      return event;
    },
    async connect(user, open = []) {
      const client = createClient(user);
      await delivery.attach(client, open, (attachment) => {
        client.attachment = attachment;
      });
      await clock.settle();
      return client;
    },
    holdStore() {
      const held = Promise.withResolvers<void>();
      storeGate = held.promise;
      return () => {
        storeGate = undefined;
        held.resolve();
      };
    },
  };
  void bus.subscribe(INSTANCE, {
    entries(entries) {
      for (const entry of entries) {
        if (entry.kind === 'event') delivery.offer(entry.event);
        if (entry.kind === 'chat.added') delivery.added(entry.user, entry.chat, entry.rev);
        if (entry.kind === 'chat.removed') delivery.learn(entry.chat, entry.rev);
      }
    },
    resubscribed: () => delivery.resubscribed(),
  });
  delivery.start();
  return world;
}

export function created(...users: string[]): EventBody {
  const settings = { join: 'invite', history: 'joined', send: 'all', invite: 'all' } as const;
  const members = users.map((user, index) => ({ user, role: index === 0 ? ('owner' as const) : ('member' as const) }));
  return { type: 'chat.created', kind: 'group', settings, members };
}

export function message(clientId: string, text: string): EventBody {
  return { type: 'message.created', clientId, kind: 'text', text };
}

async function fanOut(bus: MemoryBus, events: readonly EventRecord[]): Promise<void> {
  await bus.recent.appendAll(events);
  for (const event of events) {
    const { chat, rev, body } = event;
    const added = body.type === 'chat.created' ? body.members.map(({ user }) => user) : [];
    if (body.type === 'member.added') added.push(...body.users);
    for (const user of added) await bus.recent.appendForUser(user, { chat, rev, kind: 'added' });
    const [instances = []] = await bus.routes.get([`chat:${chat}`]);
    for (const instance of instances) await bus.publish(instance, [{ kind: 'event', event }]);
    for (const user of added) {
      const [homes = []] = await bus.routes.get([`user:${user}`]);
      for (const instance of homes) await bus.publish(instance, [{ kind: 'chat.added', user, chat, rev }]);
    }
  }
}

function createClient(user: string): Client {
  const pushes: Push[] = [];
  return {
    user,
    pushes,
    attachment: undefined as unknown as Attachment,
    buffered: 0,
    push(shared: SharedPush) {
      pushes.push(shared.push);
      return JSON.stringify(shared.push).length;
    },
    bufferedBytes() {
      return this.buffered;
    },
    revs: (chat) => pushes.flatMap((push) => (push.t === 'event' && push.chat === chat ? [push.rev] : [])),
  };
}

function headOf(chat: string, events: readonly EventRecord[]): StoredHead | null {
  const last = events.at(-1);
  if (last === undefined) return null;
  const settings = { join: 'invite', history: 'joined', send: 'all', invite: 'all' } as const;
  const { rev, seq, clock } = last;
  return { chat, seq, rev, clock, at: Math.floor(clock / 1_000), kind: 'group', settings, memberCount: 2 };
}

function wireHead({ seq, rev, at }: StoredHead) {
  return { seq, rev, at };
}

function membershipOf(chat: string, user: string, events: readonly EventRecord[]): StoredMembership | null {
  let row: StoredMembership | null = null;
  const marks = { read: 0, delivered: 0, muted: false, pinned: false, joinedAt: 0 };
  for (const { rev, seq, body } of events) {
    const isCreator = body.type === 'chat.created' && body.members.some((member) => member.user === user);
    if (isCreator) row = { chat, user, role: 'member', visibleFrom: 1, visibleFromRev: 1, rev, ...marks };
    if (body.type === 'member.added' && body.users.includes(user))
      row = { chat, user, role: 'member', visibleFrom: body.from, visibleFromRev: body.viewRev, rev, ...marks };
    if (body.type === 'member.removed' && body.user === user && row !== null) row = { ...row, role: null, leftAtSeq: seq, rev };
  }
  return row;
}
