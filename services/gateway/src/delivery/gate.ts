import { raiseMarks, NO_MARKS, type Marks } from '@garam/domain/marks';
import type { ReceiptMark } from '@garam/contracts/receipt-record';
import type { EventRecord } from '@garam/contracts/event-record';
import type { Head } from '@garam/protocol/entities';
import type { SharedPush } from '../shared-push.ts';
import type { Attachment } from './receiver.ts';

/** A receiver that does not simply take what passes. */
export interface Pending {
  /** `ahead`: it has events up to `cursor` already. `catching`: events above are queued until the older ones are read. */
  mode: 'ahead' | 'catching';
  cursor: number;
  queue: { rev: number; push: SharedPush }[];
  /** Too much came meanwhile: it is told `behind` instead. */
  overflown: boolean;
  /** It was removed from the chat while catching up. */
  removed: boolean;
}

/** Entries beyond the next one that are kept; later ones are read again. */
export const HELD_MAX = 1_000;
/** Events queued for a receiver that is catching up. */
export const QUEUE_MAX = 500;
const MARKS_MAX = 1_000;
/** Events held in all gates of a gateway together; later ones are read again. */
export const HELD_TOTAL_MAX = 50_000;

/** How many events all gates hold: they share one. */
export interface Holding {
  events: number;
}

/**
 * One chat in this gateway. Only the event with rev `last + 1` passes, once, whatever sources there are and however often
 * each delivers: receivers see a dense sequence. The membership events that passed are kept, so that membership
 * read from the (lagging) store can be folded up to `last` for whoever joins the gate.
 */
export class Gate {
  readonly chat: string;
  isOpen = false;
  isClosed = false;
  /** Rev, seq and time of newest message at the last event that passed. */
  last = 0;
  seq = 0;
  at = 0;
  memberCount = 0;
  /** Highest rev heard of. */
  known = 0;
  /** Receivers that take everything. */
  readonly live = new Set<Attachment>();
  pending: Map<Attachment, Pending> | undefined = undefined;
  /** Events above `last + 1`, or all while opening. */
  held: Map<number, EventRecord> | undefined = undefined;
  /** Membership events with rev > `keptFrom` that passed. */
  membership: EventRecord[] | undefined = undefined;
  keptFrom = 0;
  /** Persisted head at the previous comparison of heads: what is at or below it may be forgotten. */
  persisted = 0;
  opening: Promise<void> | undefined = undefined;
  /** Monotonic ms: membership read after it reflects every event ≤ `keptFrom`. */
  openedAt = 0;
  repairing = false;
  /** Events up to here are not pushed but announced with `behind`. */
  quietThrough = 0;
  /** Marks of users of a small chat as far as they were told here, so that pushes never take one back. */
  marks: Map<string, Marks> | undefined = undefined;
  /** Work under way that needs the gate. */
  pins = 0;
  /** When the last receiver left, monotonic ms; -1: in use. */
  idleSince = -1;

  readonly #holding: Holding;

  constructor(chat: string, holding: Holding) {
    this.chat = chat;
    this.#holding = holding;
  }

  get head(): Head {
    return { seq: this.seq, rev: this.last, at: this.at };
  }

  has(attachment: Attachment): boolean {
    return this.live.has(attachment) || this.pending?.has(attachment) === true;
  }

  get isUnused(): boolean {
    return this.pins === 0 && this.live.size === 0 && (this.pending === undefined || this.pending.size === 0);
  }

  hold(event: EventRecord): void {
    if (this.#holding.events >= HELD_TOTAL_MAX || (this.held?.size ?? 0) >= HELD_MAX) return;
    this.held ??= new Map();
    if (!this.held.has(event.rev)) this.#holding.events += 1;
    this.held.set(event.rev, event);
  }

  /** Takes the next event if it is held, dropping what has become old. */
  takeNext(): EventRecord | undefined {
    const { held } = this;
    if (held === undefined) return undefined;
    const before = held.size;
    const next = held.get(this.last + 1);
    if (next !== undefined) held.delete(next.rev);
    else for (const rev of held.keys()) if (rev <= this.last) held.delete(rev);
    this.#holding.events -= before - held.size;
    if (held.size === 0) this.held = undefined;
    return next;
  }

  /** Nobody needs it any more. */
  close(): void {
    this.isClosed = true;
    this.#holding.events -= this.held?.size ?? 0;
    this.held = undefined;
  }

  setPending(attachment: Attachment, pending: Pending): void {
    this.pending ??= new Map();
    this.pending.set(attachment, pending);
  }

  dropPending(attachment: Attachment): void {
    this.pending?.delete(attachment);
    if (this.pending?.size === 0) this.pending = undefined;
  }

  /** The user's marks raised by what is reported; undefined where nothing rises. */
  raise({ user, delivered, read }: ReceiptMark): ReceiptMark | undefined {
    const known = this.marks?.get(user) ?? NO_MARKS;
    const raised = raiseMarks(known, { delivered, read });
    if (raised === known) return undefined;
    this.marks ??= new Map();
    if (this.marks.size < MARKS_MAX || this.marks.has(user)) this.marks.set(user, raised);
    return { user, ...raised };
  }

  /** Forgets membership events that every read begun since the previous comparison must reflect. */
  forgetPersisted(persistedNow: number): void {
    const { membership, persisted } = this;
    if (membership !== undefined && persisted > this.keptFrom) {
      const kept = membership.filter((event) => event.rev > persisted);
      this.membership = kept.length > 0 ? kept : undefined;
      this.keptFrom = persisted;
    }
    this.persisted = persistedNow;
  }
}
