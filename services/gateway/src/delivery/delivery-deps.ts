import type { Bus, MembershipChange } from '@garam/bus/bus';
import type { EventRecord } from '@garam/contracts/event-record';
import type { Summary } from '@garam/protocol/entities';
import type { Clock } from '@garam/runtime/clock';
import type { ViewReads } from '@garam/store/view-reads';
import type { Logger } from '@garam/telemetry/logger';
import type { Views } from '@garam/views/views';
import type { DeliveryMetrics } from './delivery-metrics.ts';
import type { Gate } from './gate.ts';
import type { GateEvent } from './gate-event.ts';

/** Everything delivery touches: ports that a simulation can provide, and nothing of sockets. */
export interface DeliveryDeps {
  /** What happens where the bus cannot be relied on. Default: nothing takes its place. */
  cover?: BusCover;
  /** Id of this gateway on the bus. */
  instance: string;
  bus: Pick<Bus, 'routes' | 'recent'>;
  reads: Pick<ViewReads, 'heads' | 'chatsOf' | 'membership'>;
  views: Pick<Views, 'eventsAfter'> & {
    /** The Summary as of a persisted rev ≥ `atLeastRev`. @throws Refusal */
    chat(viewer: string, chat: string, atLeastRev?: number): Promise<Summary>;
  };
  clock: Clock;
  logger: Logger;
  metrics: DeliveryMetrics;
  /** Answers the command an event names as its cause, before anybody is shown the event. */
  settle(event: EventRecord): void;
  /** An event has passed its gate and was given to all receivers. */
  passed?(gate: Gate, event: GateEvent): void;
  /** The last receiver has left, or the gate is closed. */
  unused?(gate: Gate): void;
}

/** The gateway's own reading of the log, as far as those who subscribe rely on it. */
export interface BusCover {
  /** Routes and recent events are not to be relied on: every partition of the log is being read here, or will be. */
  readonly isCut: boolean;
  /** Resolves when what happens from now on is certain to be read, or when nothing is cut any more. May reject. */
  covered(): Promise<void>;
  busFailed(): void;
  busWorked(): void;
  /** Newest rev of the chat read lately, also of what nobody here wanted then; 0: none. */
  seenRev(chat: string): number;
  seenChanges(user: string): readonly MembershipChange[];
}

export const NO_COVER: BusCover = {
  isCut: false,
  covered: () => Promise.resolve(),
  busFailed() {},
  busWorked() {},
  seenRev: () => 0,
  seenChanges: () => [],
};

export interface DeliveryOptions {
  /** Leases of routes; renewed at a third of it. */
  leaseMs: number;
  /** Mean time between two comparisons of heads and chat lists, jittered ±⅓; 0: never, for simulations only. */
  antiEntropyMs: number;
  /** How long the gate of a chat stays open without receivers. */
  lingerMs: number;
  /** Deadline of one read of a repair, of catching up or of a comparison. */
  readTimeoutMs: number;
  /** How long `hello` waits for gates to open; what is later is announced with `behind`. */
  attachTimeoutMs: number;
  /** Missing events pushed for one chat, and for all of one `hello`. */
  catchUpMax: number;
  catchUpTotalMax: number;
  catchUpBytesMax: number;
  /** Catching up waits while a socket has more than this buffered. */
  pacedBytes: number;
  /** A cursor above the head is reset after this. */
  aheadMaxMs: number;
}

export const DELIVERY_DEFAULTS: DeliveryOptions = {
  leaseMs: 60_000,
  antiEntropyMs: 45_000,
  lingerMs: 5_000,
  readTimeoutMs: 3_000,
  attachTimeoutMs: 3_000,
  catchUpMax: 200,
  catchUpTotalMax: 1_000,
  catchUpBytesMax: 262_144,
  pacedBytes: 65_536,
  aheadMaxMs: 10_000,
};
