import type { CommandFields, DurableCommandType } from '@garam/protocol/commands';
import type { WireError } from '@garam/protocol/errors';

/** Who acts. Banned and revoked actors never get here: the edge has refused them. */
export interface Actor {
  /** A user id, or `service:<sub>` for a service acting as itself: then no membership is needed and `kind: system` is allowed. */
  id: string;
  /** May not send messages until then, ms; 0: may. */
  silencedUntil: number;
}

/** One durable command, its fields already checked by the protocol's schema. */
export type SubmitRequest = {
  [T in DurableCommandType]: {
    type: T;
    fields: CommandFields<T>;
    actor: Actor;
    /** ≥ 1; HTTP calls always ≥ 2. */
    attempt: number;
    /** When the edge read the frame, ms of its own wall clock; an earlier one under the FIFO rule. */
    readAt: number;
    /** Asked when the command is about to be written to the log: `false` drops it. */
    stillWanted?: () => boolean;
    traceparent?: string;
  };
}[DurableCommandType];

/** The numbers of an accepted command. */
export interface Accepted {
  chat: string;
  clientId: string;
  /** 0 where the command made no message. */
  seq: number;
  rev: number;
  /** ms */
  at: number;
  /** It had been decided before. */
  duplicate?: true;
  /** It changed nothing; `rev` is the current one. */
  unchanged?: true;
}

export type Outcome = { ok: Accepted; error?: undefined } | { ok?: undefined; error: WireError };
