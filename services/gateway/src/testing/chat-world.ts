import { createMemoryBus, type MemoryBus } from '@garam/bus-memory/create-memory-bus';
import type { BusEntry } from '@garam/contracts/bus-entry';
import type { EventBody, EventRecord } from '@garam/contracts/event-record';
import type { Push } from '@garam/protocol/pushes';
import { quietLogger } from '@garam/telemetry/logger';
import { noopMeter } from '@garam/telemetry/meter';
import { createManualClock, type ManualClock } from '@garam/testkit/manual-clock';
import { createDelivery, type Delivery } from '../delivery/delivery.ts';
import type { DeliveryDeps, DeliveryOptions } from '../delivery/delivery-deps.ts';
import { createDeliveryMetrics } from '../delivery/delivery-metrics.ts';
import { deliveryParts, type DeliveryParts } from '../delivery/delivery-parts.ts';
import type { Attachment, Receiver } from '../delivery/receiver.ts';
import type { SharedPush } from '../shared-push.ts';
import { LaggingStore } from './lagging-store.ts';

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
  /** It has written the memberships as of the last event, the head not yet. */
  persistMembers(chat: string): void;
  /** As fanout does it: recent, routes, publish, the user level included. */
  fanOut(...events: EventRecord[]): Promise<void>;
  /** happen + persist + fanOut, and everything it sets off. */
  live(chat: string, by: string, body: EventBody): Promise<EventRecord>;
  connect(
    user: string,
    open?: { chat: string; seq: number; rev: number }[],
    socket?: { buffered: number },
  ): Promise<Client>;
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
  const store = new LaggingStore();
  const settled: EventRecord[] = [];
  const deps: DeliveryDeps = {
    instance: INSTANCE,
    bus,
    clock,
    logger: quietLogger,
    metrics: createDeliveryMetrics(noopMeter),
    settle: (event) => void settled.push(event),
    reads: store,
    views: store,
  };
  const delivery = createDelivery(
    deps,
    { antiEntropyMs: 0, ...options.delivery },
    { ...deliveryParts, ...options.parts },
  );
  const world: ChatWorld = {
    clock,
    bus,
    delivery,
    settled,
    happen: (chat, by, body, cause) => store.append(chat, { by, body, cause, atMs: clock.now() }),
    say: (chat, by, text) => world.happen(chat, by, message(`${chat}-${by}-${text}`, text)),
    persist: (chat, rev) => store.persist(chat, rev),
    persistMembers: (chat) => store.persistMembers(chat),
    fanOut: (...events) => fanOut(bus, events),
    async live(chat, by, body) {
      const event = world.happen(chat, by, body);
      world.persist(chat);
      await world.fanOut(event);
      await clock.settle();
      return event;
    },
    async connect(user, open = [], socket = { buffered: 0 }) {
      const client = createClient(user);
      client.buffered = socket.buffered;
      await delivery.attach(client, open, (attachment) => {
        client.attachment = attachment;
      });
      await clock.settle();
      return client;
    },
    holdStore: () => store.hold(),
  };
  void bus.subscribe(INSTANCE, {
    entries: (entries) => takeEntries(delivery, entries),
    resubscribed: () => void delivery.resync(),
  });
  delivery.start();
  return world;
}

function takeEntries(delivery: Delivery, entries: readonly BusEntry[]): void {
  for (const entry of entries) {
    if (entry.kind === 'event') delivery.offer(entry.event);
    if (entry.kind === 'chat.added') delivery.added(entry.user, entry.chat, entry.rev);
    if (entry.kind === 'chat.removed') delivery.learn(entry.chat, entry.rev);
  }
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
