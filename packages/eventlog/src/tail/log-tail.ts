import { backoffDelayMs } from '@garam/runtime/backoff';
import type { Cancel, Clock } from '@garam/runtime/clock';
import { withDeadline } from '@garam/runtime/deadline';
import { LogError, type EventLog, type LogRecord } from '../event-log.ts';
import { createPace } from './pace.ts';
import { TailLine } from './tail-line.ts';

export type TailedLog = Pick<EventLog, 'partitions' | 'read' | 'end' | 'offsetAt'>;

/**
 * Reads partitions of the log without a group while the usual way (a consumer that publishes over a bus) is in doubt:
 * - the bus is lost or refuses (`cut`): all partitions;
 * - no heartbeat of a partition for a while (its consumer is gone, cut off or stuck): that partition.
 * Reading begins at the offset of (last proven healthy − `backMs`), so that nothing is missed however late the trouble
 * was noticed; the owner drops what it has had. Back again: the owner mends (routes written, heads compared) → the
 * heartbeats show that the consumer has caught up → the log's end E is read → reading goes on to E and stops. What was
 * handled before the owner had mended lies below E, what is handled later comes the usual way.
 */
export interface LogTail {
  start(): void;
  stop(): void;
  /** Everything of the partition below `offset` has been handled the usual way. */
  heard(topic: string, partition: number, offset: number): void;
  /** The bus is known to be gone (true), or there again (false): what was missed is made up for. */
  lost(isLost: boolean): void;
  /** A call to the bus failed, or worked: several failures in a row count as a loss. */
  busFailed(): void;
  busWorked(): void;
  /** The bus is not to be relied on: whoever subscribes now rests on the tail. */
  readonly isCut: boolean;
  /** Resolves when every partition is read from a known offset on, or nothing is cut any more. @throws LogError in time */
  covered(): Promise<void>;
  /** Partitions of topics that are being read. */
  readonly tailing: number;
}

export interface LogTailOwner {
  /** Records in offset order; some may have been seen before. Must not throw. */
  records(records: readonly LogRecord[]): void;
  /** Puts the usual way in order. May reject: it is tried again. */
  mend(): Promise<void>;
  /** Whether the usual way is in order at this moment: asked in the very step in which the tail is no longer relied on. */
  isWhole(): boolean;
  switched?(to: 'tail' | 'bus', line: TailLine): void;
  failed?(error: unknown): void;
}

export interface LogTailOptions {
  topics: readonly string[];
  /** Without a heartbeat for so long a partition is read here. */
  silenceMs: number;
  /** How far before the last heartbeat reading begins: more than any trouble can go unnoticed, clocks included. */
  backMs: number;
  /** Time between two reads of a partition that has nothing new. */
  paceMs: number;
  /** Records of one read. */
  recordsMax: number;
  /** Deadline of one call to the log. */
  callTimeoutMs: number;
}

export const LOG_TAIL_DEFAULTS: Omit<LogTailOptions, 'topics'> = {
  silenceMs: 3_000,
  backMs: 30_000,
  paceMs: 50,
  recordsMax: 500,
  callTimeoutMs: 5_000,
};

/** Steps that carry a guarantee, so that a simulation can show that their absence is noticed. */
export interface LogTailParts {
  /** @param sinceMs the log's time, ms */
  startAt(log: TailedLog, line: TailLine, sinceMs: number): Promise<number>;
  /** Where reading may end, asked after the usual way was mended. */
  endAt(log: TailedLog, line: TailLine): Promise<number>;
}

export const logTailParts: LogTailParts = {
  startAt: (log, { topic, partition }, sinceMs) => log.offsetAt(topic, partition, sinceMs),
  endAt: (log, { topic, partition }) => log.end(topic, partition),
};

const LOOK_MS = 500;
const FAILURES_MAX = 3;
const BACKOFF = { baseMs: 100, maxMs: 2_000 };

export function createLogTail(deps: LogTailDeps, options: LogTailOptions, parts: LogTailParts = logTailParts): LogTail {
  return new Tail(deps, options, parts);
}

export interface LogTailDeps {
  log: TailedLog;
  clock: Clock;
  owner: LogTailOwner;
}

class Tail implements LogTail {
  isCut = false;
  readonly #deps: LogTailDeps;
  readonly #options: LogTailOptions;
  readonly #parts: LogTailParts;
  readonly #lines = new Map<string, TailLine>();
  readonly #stopping = new AbortController();
  readonly #pace: () => Promise<void>;
  #cancelLooks: Cancel | undefined;
  #waiting: (() => void)[] = [];
  #isLost = false;
  /** Losses so far: what was mended before the newest counts for nothing. */
  #losses = 0;
  #failures = 0;
  #isMending = false;
  #mendFailures = 0;
  #mendAfter = 0;

  constructor(deps: LogTailDeps, options: LogTailOptions, parts: LogTailParts) {
    this.#deps = deps;
    this.#options = options;
    this.#parts = parts;
    this.#pace = createPace(deps.clock, options.paceMs);
    const now = deps.clock.monotonic();
    for (const topic of options.topics) {
      for (let partition = 0; partition < deps.log.partitions; partition++)
        this.#lines.set(`${topic}/${partition}`, new TailLine(topic, partition, now));
    }
  }

  start(): void {
    this.#cancelLooks ??= this.#deps.clock.every(LOOK_MS, () => this.#look());
  }

  stop(): void {
    this.#stopping.abort();
    this.#cancelLooks?.();
    this.isCut = false;
    this.#release();
  }

  heard(topic: string, partition: number, offset: number): void {
    this.#lines.get(`${topic}/${partition}`)?.heard(offset, this.#deps.clock.monotonic());
  }

  lost(isLost: boolean): void {
    this.#isLost = isLost;
    this.#mendAfter = 0;
    this.#cut();
    if (!isLost) void this.#mend();
  }

  busFailed(): void {
    this.#failures += 1;
    if (this.#failures >= FAILURES_MAX && !this.isCut) this.#cut();
  }

  busWorked(): void {
    this.#failures = 0;
  }

  covered(): Promise<void> {
    if (this.#isCovered()) return Promise.resolve();
    return this.#inTime(new Promise((resolve) => this.#waiting.push(resolve)));
  }

  get tailing(): number {
    let count = 0;
    for (const { isOn } of this.#lines.values()) if (isOn) count += 1;
    return count;
  }

  /** Looks are counted, not time: a process that was stopped for a while has not been in silence. */
  #look(): void {
    for (const line of this.#lines.values()) {
      line.missedLooks += 1;
      if (this.#isSilent(line)) this.#begin(line);
    }
    void this.#mend();
  }

  #cut(): void {
    this.#losses += 1;
    this.isCut = true;
    for (const line of this.#lines.values()) this.#begin(line);
  }

  #begin(line: TailLine): void {
    const { clock, owner } = this.#deps;
    line.until = undefined;
    if (line.isOn || this.#stopping.signal.aborted) return;
    line.begin();
    owner.switched?.('tail', line);
    const sinceMs = clock.now() - (clock.monotonic() - line.heardAt) - this.#options.backMs;
    void this.#follow(line, sinceMs);
  }

  async #follow(line: TailLine, sinceMs: number): Promise<void> {
    const { log, clock, owner } = this.#deps;
    const { signal } = this.#stopping;
    for (let errors = 0; line.isOn && !signal.aborted;) {
      try {
        if (line.next === undefined) {
          line.next = await this.#inTime(this.#parts.startAt(log, line, sinceMs));
          this.#release();
        }
        const isFull = await this.#readOnce(line);
        errors = 0;
        if (line.until !== undefined && line.next >= line.until) {
          line.end();
          owner.switched?.('bus', line);
        } else if (isFull) {
          // Others have their turn between two batches, however far behind this is.
          await new Promise<void>((resolve) => clock.endOfTurn(resolve));
        } else await this.#pace();
      } catch (error) {
        owner.failed?.(error);
        await clock.sleep(backoffDelayMs(errors++, BACKOFF, clock.random) + 1, signal);
      }
    }
  }

  /** Whether there may be more at once. */
  async #readOnce(line: TailLine): Promise<boolean> {
    const { recordsMax } = this.#options;
    const { log, owner } = this.#deps;
    const records = await this.#inTime(log.read(line.topic, line.partition, line.next!, recordsMax));
    const last = records.at(-1);
    if (last === undefined || this.#stopping.signal.aborted) return false;
    line.next = last.offset + 1;
    owner.records(records);
    return records.length >= recordsMax;
  }

  /** Switches back what can be: one attempt, again at the next look. */
  async #mend(): Promise<void> {
    const { clock, owner } = this.#deps;
    if (this.#isMending || this.#isLost || clock.monotonic() < this.#mendAfter) return;
    const lossesBefore = this.#losses;
    const isStillWhole = () => this.#losses === lossesBefore;
    this.#isMending = true;
    try {
      if (this.isCut) {
        await owner.mend();
        if (!isStillWhole() || !owner.isWhole()) return;
        this.isCut = false;
        this.#failures = 0;
        this.#release();
      }
      const returning = [...this.#lines.values()].filter((line) => this.#mayReturn(line));
      await Promise.all(returning.map((line) => this.#return(line, isStillWhole)));
      this.#mendFailures = 0;
    } catch (error) {
      this.#mendAfter = clock.monotonic() + backoffDelayMs(this.#mendFailures++, BACKOFF, clock.random);
      owner.failed?.(error);
    } finally {
      this.#isMending = false;
    }
  }

  async #return(line: TailLine, isStillWhole: () => boolean): Promise<void> {
    const until = await this.#inTime(this.#parts.endAt(this.#deps.log, line));
    if (isStillWhole() && this.#mayReturn(line)) line.until = until;
  }

  #mayReturn(line: TailLine): boolean {
    const isReading = line.isOn && line.next !== undefined && line.until === undefined;
    return isReading && line.isCaughtUp && !this.#isSilent(line);
  }

  #isSilent(line: TailLine): boolean {
    return line.missedLooks * LOOK_MS >= this.#options.silenceMs;
  }

  #isCovered(): boolean {
    return !this.isCut || [...this.#lines.values()].every((line) => line.next !== undefined);
  }

  #release(): void {
    if (this.#waiting.length === 0 || !this.#isCovered()) return;
    const released = this.#waiting;
    this.#waiting = [];
    for (const resolve of released) resolve();
  }

  #inTime<T>(call: Promise<T>): Promise<T> {
    const late = () => new LogError('unavailable', 'the log does not answer');
    return withDeadline(call, this.#options.callTimeoutMs, this.#deps.clock, late);
  }
}
