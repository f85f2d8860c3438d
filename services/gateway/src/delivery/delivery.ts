import { BusError, type RouteKey } from '@garam/bus/bus';
import type { EventRecord } from '@garam/contracts/event-record';
import type { Summary } from '@garam/protocol/entities';
import { backoffDelayMs } from '@garam/runtime/backoff';
import { attachSession, type OpenCursor } from './attach-session.ts';
import { compareChatLists, compareHeads } from './compare-heads.ts';
import { noteUse, type Ahead, type DeliveryCore } from './delivery-core.ts';
import { DELIVERY_DEFAULTS, NO_COVER, type DeliveryDeps, type DeliveryOptions } from './delivery-deps.ts';
import { deliveryParts, type DeliveryParts } from './delivery-parts.ts';
import type { Gate, Pending } from './gate.ts';
import { joinChat } from './join-chat.ts';
import { announce } from './link-chat.ts';
import { becomeLive, offerEvent, passHeld } from './pass-event.ts';
import { Attachment, type Receiver } from './receiver.ts';
import { startRepair } from './repair-hole.ts';
import { RouteTable } from './route-table.ts';

/**
 * Brings every durable event of a chat to every session of its members in this gateway, in `rev` order, without hole or
 * double, from the moment `hello` is answered. Sources (bus, recent events, store) may repeat, lose and reorder:
 * each chat has one gate that lets through the next event only, and reads again what is missing.
 */
export interface Delivery {
  start(): void;
  /** Removes the routes; nothing is delivered any more. */
  stop(): Promise<void>;

  /** Adds a session; `ready` is called before the first push. @throws BusError · StoreError: nothing was added. */
  attach(receiver: Receiver, open: readonly OpenCursor[], ready: (attachment: Attachment) => void): Promise<void>;
  detach(attachment: Attachment): void;

  /** An event from the bus. */
  offer(event: EventRecord): void;
  /** The bus says that the user has become a member. */
  added(user: string, chat: string, rev: number): void;
  /** The bus says that something happened in the chat up to `rev`. */
  learn(chat: string, rev: number): void;
  /**
   * The connection to the bus was lost and is back: routes are written again, heads and chat lists compared, until that
   * has worked.
   */
  resync(): Promise<void>;
  /** Adds the chat to the session if it is not there; `greeting` gets the Summary before `chat.added` is pushed. */
  join(attachment: Attachment, chat: string, rev: number, greeting: (summary: Summary) => void): Promise<void>;

  gate(chat: string): Gate | undefined;
  attachmentsOf(user: string): Iterable<Attachment>;
  readonly routes: RouteTable;
  readonly gates: ReadonlyMap<string, Gate>;
}

const TICK_MS = 1_000;
const RESYNC_BACKOFF = { baseMs: 100, maxMs: 5_000 };

export function createDelivery(
  deps: DeliveryDeps,
  options: Partial<DeliveryOptions> = {},
  parts: DeliveryParts = deliveryParts,
): Delivery {
  const all = { ...DELIVERY_DEFAULTS, ...options };
  const stopping = new AbortController();
  const { clock, instance, bus } = deps;
  const core: DeliveryCore = {
    deps,
    options: all,
    parts,
    routes: new RouteTable(bus.routes, { instance, leaseMs: all.leaseMs }),
    cover: deps.cover ?? NO_COVER,
    holding: { events: 0 },
    gates: new Map(),
    users: new Map(),
    idle: new Set(),
    ahead: new Map(),
    stopping: stopping.signal,
    repair: (gate) => startRepair(core, gate),
    join: (attachment, chat, rev) => void joinChat(core, attachment, chat, rev),
  };
  const resync = createResync(core);
  const cancels: (() => void)[] = [];

  return {
    routes: core.routes,
    gates: core.gates,
    start() {
      cancels.push(clock.every(TICK_MS, () => tick(core)));
      cancels.push(clock.every(all.leaseMs / 3, () => void renewRoutes(core)));
      if (all.antiEntropyMs > 0) void compareForEver(core);
    },
    async stop() {
      stopping.abort();
      for (const cancel of cancels) cancel();
      await core.routes
        .removeAll()
        .catch((error: unknown) => deps.logger.debug({ err: error }, 'routes left to expire'));
    },
    async attach(receiver, open, ready) {
      const attachment = new Attachment(receiver);
      addAttachment(core, attachment);
      try {
        await attachSession(core, attachment, { open, ready: () => ready(attachment) });
      } catch (error) {
        detach(core, attachment);
        throw error;
      }
    },
    detach: (attachment) => detach(core, attachment),
    offer: (event) => offerEvent(core, event),
    added(user, chat, rev) {
      for (const attachment of core.users.get(user) ?? []) void joinChat(core, attachment, chat, rev);
    },
    learn(chat, rev) {
      const gate = core.gates.get(chat);
      if (gate === undefined || rev <= gate.known) return;
      gate.known = rev;
      if (gate.isOpen) passHeld(core, gate);
    },
    resync: () => (parts.comparesAfterLoss ? resync() : Promise.resolve()),
    join(attachment, chat, rev, greeting) {
      attachment.greet(chat, greeting);
      return joinChat(core, attachment, chat, rev).finally(() => void attachment.takeGreeting(chat));
    },
    gate: (chat) => core.gates.get(chat),
    attachmentsOf: (user) => core.users.get(user) ?? [],
  };
}

function addAttachment(core: DeliveryCore, attachment: Attachment): void {
  const attachments = core.users.get(attachment.user);
  if (attachments === undefined) core.users.set(attachment.user, new Set([attachment]));
  else attachments.add(attachment);
}

function detach(core: DeliveryCore, attachment: Attachment): void {
  if (attachment.gone) return;
  attachment.gone = true;
  for (const gate of attachment.chats.values()) {
    gate.live.delete(attachment);
    const pending = gate.pending?.get(attachment);
    if (pending !== undefined) core.ahead.delete(pending);
    gate.dropPending(attachment);
    noteUse(core, gate);
  }
  attachment.chats.clear();
  const attachments = core.users.get(attachment.user);
  attachments?.delete(attachment);
  if (attachments?.size !== 0) return;
  core.users.delete(attachment.user);
  core.routes.remove([`user:${attachment.user}`]);
}

/** Closes gates nobody needs, resets cursors that stay above the head. */
function tick(core: DeliveryCore): void {
  const now = core.deps.clock.monotonic();
  const closed: RouteKey[] = [];
  for (const gate of core.idle) {
    if (!gate.isUnused || gate.idleSince < 0) core.idle.delete(gate);
    else if (now - gate.idleSince >= core.options.lingerMs) {
      core.idle.delete(gate);
      gate.close();
      core.gates.delete(gate.chat);
      closed.push(`chat:${gate.chat}`);
    }
  }
  if (closed.length > 0) core.routes.remove(closed);
  const expired = [...core.ahead].filter(([, ahead]) => now - ahead.since >= core.options.aheadMaxMs);
  if (expired.length > 0) void resetAhead(core, expired);
}

/**
 * A cursor above every head there is cannot be continued. One that is only above this gate shows what the gate has
 * missed: it is repaired, and the receiver goes on from its cursor.
 */
async function resetAhead(core: DeliveryCore, expired: readonly [Pending, Ahead][]): Promise<void> {
  const doubted = expired.filter(([pending, { gate, isChecking }]) => !isChecking && pending.cursor > gate.known);
  for (const [, ahead] of doubted) ahead.isChecking = true;
  try {
    await compareHeads(
      core,
      doubted.map(([, { gate }]) => gate),
    );
    for (const [pending, { attachment, gate, viewFrom }] of doubted) {
      if (!core.ahead.has(pending) || pending.cursor <= gate.known || gate.last < Math.max(gate.known, viewFrom))
        continue;
      becomeLive(core, gate, attachment, pending);
      announce(core, attachment, gate, 'reset');
    }
  } catch (error) {
    core.deps.logger.debug({ err: error }, 'cursors above the head could not be compared');
  } finally {
    for (const [, ahead] of doubted) ahead.isChecking = false;
  }
}

/** A route that had been lost counts like a lost connection: what happened meanwhile is looked for. */
async function renewRoutes(core: DeliveryCore): Promise<void> {
  if (core.cover.isCut) return;
  try {
    const lost = await core.routes.renew();
    core.cover.busWorked();
    if (lost.length === 0) return;
    core.deps.logger.warn({ routes: lost.length }, 'routes had been lost');
    const chats = lost.filter((key) => key.startsWith('chat:')).map((key) => core.gates.get(key.slice(5)));
    await compareHeads(
      core,
      chats.filter((gate) => gate !== undefined),
    );
    await compareChatLists(
      core,
      lost.filter((key) => key.startsWith('user:')).map((key) => key.slice(5)),
    );
  } catch (error) {
    if (error instanceof BusError) core.cover.busFailed();
    core.deps.metrics.failures.add(1);
    core.deps.logger.debug({ err: error }, 'routes could not be renewed');
  }
}

/** Whatever else went wrong, this finds it: nothing on the bus is an authority. */
async function compareForEver(core: DeliveryCore): Promise<void> {
  const { clock, logger, metrics } = core.deps;
  while (!core.stopping.aborted) {
    await clock.sleep(core.options.antiEntropyMs * (2 / 3 + (2 / 3) * clock.random()), core.stopping);
    if (core.stopping.aborted) return;
    try {
      await compareHeads(core, [...core.gates.values()]);
      await compareChatLists(core, [...core.users.keys()]);
    } catch (error) {
      metrics.failures.add(1);
      logger.debug({ err: error }, 'heads could not be compared');
    }
  }
}

/** One resync at a time; one more after it where the bus was lost again meanwhile. */
function createResync(core: DeliveryCore): () => Promise<void> {
  let wanted = 0;
  let running: Promise<void> = Promise.resolve();
  const mending = { ...core, isMending: true };
  async function run(): Promise<void> {
    const { clock, logger } = core.deps;
    for (let failures = 0; wanted > 0 && !core.stopping.aborted;) {
      const asked = wanted;
      try {
        await core.routes.renew();
        await compareHeads(mending, [...core.gates.values()]);
        await compareChatLists(mending, [...core.users.keys()]);
        wanted -= asked;
        failures = 0;
      } catch (error) {
        logger.debug({ err: error }, 'resync is tried again');
        await clock.sleep(backoffDelayMs(failures++, RESYNC_BACKOFF, clock.random), core.stopping);
      }
    }
  }
  return () => {
    wanted += 1;
    if (wanted === 1) running = run();
    return running;
  };
}
