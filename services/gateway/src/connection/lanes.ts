import type { Outcome } from '@garam/intake/submit-request';
import type { WireError } from '@garam/protocol/errors';

/** A durable command on its way through a lane. */
export interface LaneCommand {
  clientId: string;
  attempt: number;
  /** The rules for sends apply: see below. */
  isSend: boolean;
  /** When its frame was read, wall-clock ms. */
  readAt: number;
  /**
   * Hands it to the log. `sentAt` is what the record carries; `stillWanted` is asked when it is about to be written. Returns a
   * promise where something is read first: it resolves when the command has been handed over or has ended.
   */
  submit(sentAt: number, stillWanted: () => boolean, done: (outcome: Outcome) => void): Promise<void> | undefined;
  /** Its answer, exactly once, unless the connection is gone. */
  answer(outcome: Outcome): void;
}

/** Ended sends remembered per chat; a client has 32 commands in flight. */
const ENDED_MAX = 1_024;
/** A lane that has not been empty for so long lets no more in until it is: records must not carry an old `sentAt`. */
const SENT_AT_AGE_MAX_MS = 20_000;

/**
 * First in, first out per chat and connection, for durable commands.
 *
 * - A command is submitted when the one before it has been handed to the log or has ended.
 * - While a command of the chat is unanswered, later ones carry its `sentAt`: the sequencer's age check treats them alike.
 * - When a send ends unknown or temporarily refused, every send of the chat read after it ends the same way, dropped from
 *   the log's queue where it still waits there, until the ended one comes again with a higher attempt. It counts as
 *   settled when one comes again that stood behind it and ended after it: the client knew, and left it out.
 */
export class Lanes {
  readonly #lanes = new Map<string, Lane>();
  readonly #now: () => number;
  #isGone = false;

  constructor(now: () => number) {
    this.#now = now;
  }

  take(chat: string, command: LaneCommand): void {
    const lane = this.#lane(chat);
    const entry = lane.admit(command);
    if (entry !== undefined) {
      lane.waiting.push(entry);
      this.#advance(chat, lane);
    }
    this.#forget(chat, lane);
  }

  /** The command is refused before it gets to the log: a send counts as ended. */
  refuse(chat: string, command: LaneCommand, error: WireError): void {
    const lane = this.#lane(chat);
    const entry = lane.admit(command);
    if (entry !== undefined) this.#end(chat, lane, entry, { error });
    this.#forget(chat, lane);
  }

  /** The connection is gone: what is queued is dropped, answers go nowhere. */
  drop(): void {
    this.#isGone = true;
    for (const lane of this.#lanes.values()) for (const entry of lane.waiting) entry.hasEnded = true;
    this.#lanes.clear();
  }

  #lane(chat: string): Lane {
    const known = this.#lanes.get(chat);
    if (known !== undefined) return known;
    const lane = new Lane();
    this.#lanes.set(chat, lane);
    return lane;
  }

  #forget(chat: string, lane: Lane): void {
    if (lane.isIdle) this.#lanes.delete(chat);
  }

  /** Submits as many as may go now. */
  #advance(chat: string, lane: Lane): void {
    while (!lane.isChecking && !this.#isGone) {
      const entry = lane.waiting.find((candidate) => !candidate.isSubmitted);
      if (entry === undefined) return;
      const first = lane.waiting[0]!;
      if (first !== entry && this.#now() - lane.sentAt > SENT_AT_AGE_MAX_MS) return;
      if (first === entry) lane.sentAt = entry.command.readAt;
      entry.isSubmitted = true;
      const handing = entry.command.submit(
        lane.sentAt,
        () => !entry.hasEnded && !this.#isGone,
        (outcome) => this.#end(chat, lane, entry, outcome),
      );
      if (handing === undefined) continue;
      lane.isChecking = true;
      void handing.then(() => {
        lane.isChecking = false;
        this.#advance(chat, lane);
        this.#forget(chat, lane);
      });
    }
  }

  #end(chat: string, lane: Lane, entry: Entry, outcome: Outcome): void {
    if (entry.hasEnded || this.#isGone) return;
    const index = lane.waiting.indexOf(entry);
    if (index >= 0) lane.waiting.splice(index, 1);
    entry.hasEnded = true;
    entry.command.answer(outcome);
    if (outcome.error?.temporary === true && entry.command.isSend) this.#endTogether(lane, entry, index, outcome.error);
    if (lane.isChecking) return;
    this.#advance(chat, lane);
    this.#forget(chat, lane);
  }

  #endTogether(lane: Lane, entry: Entry, index: number, error: WireError): void {
    lane.error = error;
    lane.remember(entry);
    if (index < 0) return;
    const later = lane.waiting.slice(index).filter((other) => other.command.isSend);
    lane.waiting = lane.waiting.filter((other) => !later.includes(other));
    for (const other of later) {
      other.hasEnded = true;
      lane.remember(other);
      other.command.answer({ error });
    }
  }
}

interface Entry {
  command: LaneCommand;
  /** Position in the order of first reading. */
  place: number;
  isSubmitted: boolean;
  hasEnded: boolean;
}

interface Ended {
  place: number;
  attempt: number;
  /** Order of ending. */
  endedAt: number;
}

class Lane {
  /** Unanswered, in the order read. */
  waiting: Entry[] = [];
  isChecking = false;
  sentAt = 0;
  /** How the newest ended send has ended. */
  error: WireError | undefined = undefined;
  readonly #ended = new Map<string, Ended>();
  #places = 0;
  #endings = 0;

  get isIdle(): boolean {
    return this.waiting.length === 0 && this.#ended.size === 0 && !this.isChecking;
  }

  /** The entry for a command that may go on; undefined where it has ended like those before it. */
  admit(command: LaneCommand): Entry | undefined {
    const known = this.#ended.get(command.clientId);
    if (!command.isSend || this.#ended.size === 0) return this.#enter(command, this.#places++);
    if (known !== undefined && command.attempt > known.attempt && this.#settleBefore(known)) {
      this.#ended.delete(command.clientId);
      return this.#enter(command, known.place);
    }
    const entry = this.#enter(command, known?.place ?? this.#places++);
    this.remember(entry);
    command.answer({ error: this.error! });
    return undefined;
  }

  remember({ command, place }: Entry): void {
    const known = this.#ended.get(command.clientId);
    if (known === undefined && this.#ended.size >= ENDED_MAX) return;
    this.#ended.set(command.clientId, {
      place,
      attempt: Math.max(command.attempt, known?.attempt ?? 0),
      endedAt: this.#endings++,
    });
  }

  #enter(command: LaneCommand, place: number): Entry {
    return { command, place, isSubmitted: false, hasEnded: false };
  }

  /** Forgets those that stood before and ended before; false where one of them has ended since. */
  #settleBefore(back: Ended): boolean {
    const before = [...this.#ended].filter(([, ended]) => ended.place < back.place);
    if (before.some(([, ended]) => ended.endedAt > back.endedAt)) return false;
    for (const [clientId] of before) this.#ended.delete(clientId);
    return true;
  }
}
