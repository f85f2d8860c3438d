import type { EventRecord } from '@garam/contracts/event-record';
import type { ReplyRecord } from '@garam/contracts/reply-record';
import type { Outcome, SubmitRequest } from './submit-request.ts';

/**
 * The command side of an edge: checks what depends on configuration, time and content, appends to the log and hands
 * the answer to whoever waits for it.
 */
export interface Intake {
  /** Instance id under which answers come back over the bus: whoever owns that channel calls `settle`. */
  readonly origin: string;

  /**
   * Takes a command. `done` is called exactly once, synchronously when the answer is known, possibly before `submit`
   * returns. Returns undefined when the command has been handed to the log or has ended; otherwise (something must be
   * read first) a promise that resolves at that moment and never rejects. To keep the order of a chat, do not submit
   * its next command before.
   */
  submit(request: SubmitRequest, done: (outcome: Outcome) => void): Promise<void> | undefined;

  /** Answers the waiting command an event or reply names as its cause; anything else is ignored. Idempotent. */
  settle(entry: { event: EventRecord } | { reply: ReplyRecord }): void;

  /** Told when `user` blocks or unblocks `other`, so that this instance obeys at once. */
  blockChanged(user: string, other: string, on: boolean): void;

  load(): IntakeLoad;

  /** Ends everything that waits with `unknown_outcome`; later commands are `unavailable`. Idempotent. */
  stop(): void;
}

export interface IntakeLoad {
  /** Commands handed to the log and not answered yet. */
  waiting: number;
  /** How many may wait at present. */
  limit: number;
  /** How far this instance's clock may be from the log's, ms; null while nothing has been appended. */
  clockUncertaintyMs: number | null;
}
