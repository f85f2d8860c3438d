import { LogError, type ConsumeOptions, type LogRecord, type PartitionHandler } from '@garam/eventlog/event-log';
import type { Clock } from '@garam/runtime/clock';
import type { PartitionRef } from '../read/partition-offsets.ts';

export interface AssignmentDeps {
  clock: Clock;
  assigned: ConsumeOptions['assigned'];
  commit(partition: PartitionRef, nextOffset: number): Promise<void>;
  /** There is room for more records again. */
  hasRoom(): void;
  /** The handler rejected: this assignment is over. */
  failed(error: unknown): void;
  /** A batch was handled. */
  progressed(): void;
  /** How long a handler may go on after its partition was taken away. */
  handlerGraceMs: number;
}

/** Records handed over at once, at most. */
const BATCH_MAX = 500;
/** Nothing is fetched while this much waits: the back-pressure of a slow handler, for its own partition only. */
const WAITING_BYTES_MAX = 256 * 1024;
const WAITING_RECORDS_MAX = 2 * BATCH_MAX;

/**
 * One partition in the hands of one handler. Records wait in a bounded queue, so that the one who fetches for all
 * partitions never waits for a handler.
 */
export class RunningAssignment implements PartitionRef {
  readonly topic: string;
  readonly partition: number;
  readonly #deps: AssignmentDeps;
  readonly #abort = new AbortController();
  readonly #handler: PartitionHandler;
  #position: number;
  #waiting: LogRecord[] = [];
  #waitingBytes = 0;
  #isHandling = false;
  #isEnded = false;
  #ending: Promise<void> | undefined;
  #handlerEnded: (() => void) | undefined;

  /** Starts it. @throws what `assigned` throws */
  constructor({ topic, partition }: PartitionRef, start: number, deps: AssignmentDeps) {
    this.topic = topic;
    this.partition = partition;
    this.#deps = deps;
    this.#position = start;
    const commit = (nextOffset: number) => this.#commit(nextOffset);
    this.#handler = deps.assigned({ topic, partition, start, signal: this.#abort.signal, commit });
  }

  /** Offset to fetch from. */
  get position(): number {
    return this.#position;
  }

  /** Whether records may be fetched for it. */
  get isOpen(): boolean {
    return !this.#abort.signal.aborted && this.#hasRoom();
  }

  /** Takes fetched records; `nextOffset` is where to go on. */
  push(records: readonly LogRecord[], nextOffset: number): void {
    if (this.#abort.signal.aborted || nextOffset <= this.#position) return;
    this.#position = nextOffset;
    for (const record of records) {
      this.#waiting.push(record);
      this.#waitingBytes += record.value.length;
    }
    this.#handOver();
  }

  /** Aborts the signal; resolves when the running handler has ended, or its time is up. Commits are refused then. */
  end(): Promise<void> {
    this.#ending ??= this.#endOnce();
    return this.#ending;
  }

  /** Aborts the signal and refuses commits at once. */
  drop(): void {
    this.#isEnded = true;
    this.#waiting = [];
    this.#abort.abort();
    this.#handlerEnded?.();
  }

  async #commit(nextOffset: number): Promise<void> {
    if (this.#isEnded) throw new LogError('closed', 'the assignment has ended');
    await this.#deps.commit(this, nextOffset);
  }

  #hasRoom(): boolean {
    return this.#waitingBytes < WAITING_BYTES_MAX && this.#waiting.length < WAITING_RECORDS_MAX;
  }

  #handOver(): void {
    if (this.#isHandling || this.#abort.signal.aborted || this.#waiting.length === 0) return;
    const wasFull = !this.#hasRoom();
    const isAll = this.#waiting.length <= BATCH_MAX;
    const batch = isAll ? this.#waiting : this.#waiting.slice(0, BATCH_MAX);
    this.#waiting = isAll ? [] : this.#waiting.slice(BATCH_MAX);
    for (const { value } of batch) this.#waitingBytes -= value.length;
    this.#isHandling = true;
    if (wasFull && this.#hasRoom()) this.#deps.hasRoom();
    void this.#handle(batch);
  }

  async #handle(batch: readonly LogRecord[]): Promise<void> {
    try {
      await this.#handler.handle(batch);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#handled();
  }

  #handled(): void {
    this.#isHandling = false;
    this.#handlerEnded?.();
    if (this.#abort.signal.aborted) return;
    this.#deps.progressed();
    this.#handOver();
  }

  #fail(error: unknown): void {
    this.#isHandling = false;
    this.#handlerEnded?.();
    if (this.#abort.signal.aborted) return;
    this.drop();
    this.#deps.failed(error);
  }

  async #endOnce(): Promise<void> {
    this.#waiting = [];
    this.#abort.abort();
    if (this.#isHandling && !this.#isEnded) await this.#handlerEndOrGrace();
    this.#isEnded = true;
  }

  #handlerEndOrGrace(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#deps.clock.after(this.#deps.handlerGraceMs, resolve);
      this.#handlerEnded = () => {
        cancel();
        resolve();
      };
    });
  }
}
