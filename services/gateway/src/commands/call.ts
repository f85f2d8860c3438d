import { BusError } from '@garam/bus/bus';
import { LogError } from '@garam/eventlog/event-log';
import { Refusal, wireError, type WireError } from '@garam/protocol/errors';
import { StoreError } from '@garam/store/store';
import { DeliveryTimeout } from '../delivery/delivery-core.ts';
import type { Edge } from '../edge.ts';
import type { Session } from '../session/session.ts';

/** One command on its way to its reply. */
export class Call {
  readonly edge: Edge;
  readonly session: Session;
  /** 0: no reply is wanted. */
  readonly id: number;
  /** When its frame was read, wall-clock ms. */
  readonly readAt: number;

  constructor(edge: Edge, session: Session, id: number, readAt: number) {
    this.edge = edge;
    this.session = session;
    this.id = id;
    this.readAt = readAt;
  }

  ok(fields: object): void {
    this.session.connection.answer(this.id, fields);
  }

  fail(error: WireError): void {
    this.session.connection.refuse(this.id, error);
  }

  /** Answers with the result, or with the error that `error` is on the wire. */
  when(result: Promise<object>): void {
    result.then(
      (fields) => this.ok(fields),
      (error: unknown) => this.fail(wireErrorOf(error, this.edge)),
    );
  }

  /**
   * Highest rev this gateway has heard of in the chat, ≥ every one pushed or acknowledged here: replies may not be older.
   * It counts for those who were removed as well: nobody would tell them later.
   */
  knownRev(chat: string): number {
    const left = this.session.attachment?.leftAtRev(chat) ?? 0;
    return Math.max(left, this.edge.delivery.gate(chat)?.known ?? 0);
  }
}

/** Trouble with a port is temporary; anything unexpected is a defect and logged. */
export function wireErrorOf(error: unknown, edge: Pick<Edge, 'logger'>): WireError {
  if (error instanceof Refusal) return error.wire;
  const isPort =
    error instanceof StoreError ||
    error instanceof BusError ||
    error instanceof LogError ||
    error instanceof DeliveryTimeout;
  if (isPort) {
    edge.logger.debug({ err: error }, 'a port is out of reach');
    return wireError('unavailable', { retryAfterMs: 500 });
  }
  edge.logger.error({ err: error }, 'a command failed');
  return wireError('internal');
}
