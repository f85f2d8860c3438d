import type { SendRecord } from './evidence.ts';

/** A command on its way: a send, or a reaction that only makes revs which are no messages. */
export interface OutboxEntry {
  record: SendRecord;
  /** Fields of the command except `t`'s envelope (`id`, `clientId`, `attempt`). */
  fields: Record<string, unknown>;
  /** What the server must refuse for ever. */
  doomed: boolean;
  /** The first `ok` is taken as lost with the connection, so that the same command goes out again on the next one. */
  deaf: boolean;
  state: 'queued' | 'inFlight' | 'ended';
  writtenAt: number;
}

/**
 * The unsettled commands of one client to one chat, first in first out. After a temporary refusal nothing is written
 * until everything in flight has its reply; then all unsettled ones go out again in their order, with higher attempts.
 */
export class Outbox {
  readonly #entries: OutboxEntry[] = [];
  #halted = false;
  #retryAt = 0;

  get length(): number {
    return this.#entries.length;
  }

  get inFlight(): number {
    return this.#entries.reduce((count, { state }) => count + (state === 'inFlight' ? 1 : 0), 0);
  }

  /** When the longest-waiting command was written; Infinity when none is in flight. */
  get oldestWrittenAt(): number {
    return this.#entries.reduce(
      (oldest, { state, writtenAt }) => (state === 'inFlight' ? Math.min(oldest, writtenAt) : oldest),
      Infinity,
    );
  }

  add(entry: OutboxEntry): void {
    this.#entries.push(entry);
  }

  /** The commands to write now, at most `room`; they count as in flight. */
  take(room: number, now: number): OutboxEntry[] {
    if (this.#halted) {
      if (now < this.#retryAt || this.inFlight > 0) return [];
      this.#requeue();
    }
    const taken = this.#entries.filter(({ state }) => state === 'queued').slice(0, Math.max(0, room));
    for (const entry of taken) {
      entry.state = 'inFlight';
      entry.writtenAt = now;
      entry.record.attempts += 1;
      entry.record.firstWrittenAt ??= now;
    }
    return taken;
  }

  settle(entry: OutboxEntry): void {
    const index = this.#entries.indexOf(entry);
    if (index >= 0) this.#entries.splice(index, 1);
  }

  /** Ended without an outcome: temporarily refused, or unknown. */
  end(entry: OutboxEntry, retryAt: number): void {
    entry.state = 'ended';
    this.#halted = true;
    this.#retryAt = Math.max(this.#retryAt, retryAt);
  }

  /** The connection is gone: what was in flight is unknown and goes out again on the next one. Returns how many. */
  connectionLost(): number {
    const unknown = this.inFlight;
    this.#requeue();
    return unknown;
  }

  #requeue(): void {
    this.#halted = false;
    this.#retryAt = 0;
    for (const entry of this.#entries) entry.state = 'queued';
  }
}
