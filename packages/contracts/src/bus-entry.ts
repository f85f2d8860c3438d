import type { ReceiptMark } from './receipt-record.ts';
import type { ReplyRecord } from './reply-record.ts';
import type { EventRecord } from './event-record.ts';

/**
 * What travels over the bus to a gateway (or to an api instance waiting for answers).
 * Events travel whole; everything else is small. JSON on a networked bus, by reference in one process: never change one.
 */
export type BusEntry =
  /** A durable event for every local session that may see the chat; also settles a waiting command via `event.cause`. */
  | { kind: 'event'; event: EventRecord }
  /** The answer to a command that led to no event. */
  | { kind: 'reply'; reply: ReplyRecord }
  /** Marks that rose in a chat, merged per window. */
  | { kind: 'marks'; chat: string; marks: ReceiptMark[] }
  /** Someone starts, goes on or stops typing. */
  | { kind: 'typing'; chat: string; user: string; on: boolean }
  /** The user has become a member of the chat, or stopped being one; `rev` is that of the event. */
  | { kind: 'chat.added'; user: string; chat: string; rev: number }
  | { kind: 'chat.removed'; user: string; chat: string; rev: number }
  | { kind: 'chat.prefs'; user: string; chat: string; muted: boolean; pinned: boolean; hidden: boolean }
  /** The online state of a watched user changed. */
  | { kind: 'presence'; user: string; online: boolean; lastSeenAt: number }
  /** A newer connection of this device took over; older ones of other sessions close with 4503. */
  | { kind: 'session'; user: string; device: string; session: string }
  /** `user` blocked or unblocked `other`; told to the gateways of `other`. */
  | { kind: 'block'; user: string; other: string; on: boolean }
  /** The user's standing changed: banned, silenced or tokens revoked. Gateways read it again. */
  | { kind: 'standing'; user: string }
  /**
   * Fanout works: everything of the partition below `offset` has been published. To everybody, on `BROADCAST`; where it
   * stays out, gateways read the partition themselves.
   */
  | { kind: 'heartbeat'; topic: string; partition: number; offset: number };

/** The instance name that every gateway listens to besides its own. */
export const BROADCAST = 'gateways';
