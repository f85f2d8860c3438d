import { seenMessage } from './evidence.ts';
import type { Position, SeenMessage, Violation } from './evidence.ts';

/** What a client shows of one chat: built from pushed events, repaired by `sync`. */
export class LiveView {
  readonly chat: string;
  readonly from: Position;
  readonly messages: SeenMessage[] = [];
  cursor: Position;
  /** The view knows of events up to here and must get them. */
  wanted = 0;
  syncing = false;
  readonly #violations: Violation[];
  readonly #user: string;
  #lastPushed = 0;

  constructor(user: string, chat: string, from: Position, violations: Violation[]) {
    this.#user = user;
    this.chat = chat;
    this.from = from;
    this.cursor = from;
    this.#violations = violations;
  }

  /** A new connection named the cursor in `open`: pushes go on right above it. */
  connected(): void {
    this.#lastPushed = this.cursor.rev;
    this.wanted = 0;
  }

  /** A pushed event; false when events before it are missing and `sync` is needed. */
  push(event: Record<string, unknown>): boolean {
    const rev = Number(event['rev']);
    const step = `rev ${rev} after ${this.#lastPushed}`;
    if (rev <= this.#lastPushed) this.#violate('event pushed twice or backwards', step);
    if (rev > this.#lastPushed + 1) this.#violate('event skipped on an open socket', step);
    this.#lastPushed = Math.max(rev, this.#lastPushed);
    if (rev <= this.cursor.rev) return true;
    if (rev === this.cursor.rev + 1) {
      this.#apply(event);
      return true;
    }
    this.wanted = Math.max(this.wanted, rev);
    return false;
  }

  /** `behind`: events up to the head will not be pushed, live goes on right above it. */
  behind(headRev: number): void {
    this.#lastPushed = Math.max(this.#lastPushed, headRev);
    this.wanted = Math.max(this.wanted, headRev);
  }

  /** A page of `sync`. */
  repair(events: readonly Record<string, unknown>[]): void {
    for (const event of events) {
      const rev = Number(event['rev']);
      if (rev === this.cursor.rev + 1) this.#apply(event);
      else if (rev > this.cursor.rev) this.#violate('sync left a hole', `rev ${rev} after ${this.cursor.rev}`);
    }
  }

  #apply(event: Record<string, unknown>): void {
    const rev = Number(event['rev']);
    let { seq } = this.cursor;
    if (event['type'] === 'message.created') {
      const message = seenMessage(event['message'] as Record<string, unknown>, { rev, by: String(event['by']) });
      if (message.seq !== seq + 1) this.#violate('live seq not dense', `seq ${message.seq} after ${seq}`);
      seq = message.seq;
      this.messages.push(message);
    }
    this.cursor = { seq, rev };
  }

  #violate(rule: string, detail: string): void {
    this.#violations.push({ rule, detail: `chat ${this.chat}, member ${this.#user}: ${detail}` });
  }
}
