import type { BusCover, DeliveryDeps, DeliveryOptions } from './delivery-deps.ts';
import type { DeliveryParts } from './delivery-parts.ts';
import type { Gate, Holding, Pending } from './gate.ts';
import type { Attachment } from './receiver.ts';
import type { RouteTable } from './route-table.ts';

/** What the steps of delivery share. */
export interface DeliveryCore {
  readonly deps: DeliveryDeps;
  readonly options: DeliveryOptions;
  readonly parts: DeliveryParts;
  readonly routes: RouteTable;
  readonly cover: BusCover;
  readonly gates: Map<string, Gate>;
  /** Attachments by user. */
  readonly users: Map<string, Set<Attachment>>;
  /** Gates without receivers, closed after a while. */
  readonly idle: Set<Gate>;
  /** Receivers whose client named a cursor above the head. */
  readonly ahead: Map<Pending, Ahead>;
  readonly stopping: AbortSignal;
  /** Events held in all gates. */
  readonly holding: Holding;
  /** See repair-hole.ts. */
  repair(gate: Gate): void;
  /** See join-chat.ts. */
  join(attachment: Attachment, chat: string, rev: number): void;
}

export interface Ahead {
  attachment: Attachment;
  gate: Gate;
  /** Monotonic ms. */
  since: number;
  /** Last rev before the member's view begins. */
  viewFrom: number;
  /** Whether its cursor is being compared with the heads of the store and the bus. */
  isChecking: boolean;
}

export class DeliveryTimeout extends Error {
  constructor(what: string) {
    super(`${what} took too long`);
    this.name = 'DeliveryTimeout';
  }
}

/** Notes that the gate has lost a receiver or a pin. */
export function noteUse(core: DeliveryCore, gate: Gate): void {
  if (!gate.isUnused) return;
  gate.idleSince = core.deps.clock.monotonic();
  core.idle.add(gate);
  core.deps.unused?.(gate);
}
