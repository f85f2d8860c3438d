import { LogError, type ConsumeOptions, type LogRecord, type PartitionHandler } from '@garam/eventlog/event-log';
import type { Clock } from '@garam/runtime/clock';
import type { LogPartition, PartitionReader } from './log-partition.ts';

export interface AssignmentDeps {
  clock: Clock;
  /** The next records from an offset on; empty at the end. */
  next(partition: LogPartition, offset: number): LogRecord[];
  commit(partition: LogPartition, nextOffset: number): Promise<void>;
  /** The handler rejected or the records could not be read: this assignment is over. */
  failed(error: unknown): void;
  /** A batch was handled. */
  progressed(): void;
  /** How long a handler may go on after its partition was taken away. */
  handlerGraceMs: number;
}

/**
 * Hands the records of one partition to one handler, batch by batch, from the end of this turn on. After a batch it goes
 * on at the end of the turn, at the end of the partition when it is woken.
 */
export class RunningAssignment implements PartitionReader {
  position: number;
  readonly #partition: LogPartition;
  readonly #deps: AssignmentDeps;
  readonly #handler: PartitionHandler;
  readonly #abort = new AbortController();
  #isHandling = false;
  #isEnded = false;
  #handlerEnded: (() => void) | undefined;

  /** @throws what `options.assigned` throws */
  constructor(partition: LogPartition, start: number, options: ConsumeOptions, deps: AssignmentDeps) {
    this.position = start;
    this.#partition = partition;
    this.#deps = deps;
    this.#handler = options.assigned({
      topic: partition.topic.name,
      partition: partition.partition,
      start,
      signal: this.#abort.signal,
      commit: (nextOffset) => this.#commit(nextOffset),
    });
    partition.readers.add(this);
    deps.clock.endOfTurn(() => this.wake());
  }

  wake(): void {
    if (this.#isHandling || this.#abort.signal.aborted) return;
    try {
      const records = this.#deps.next(this.#partition, this.position);
      const last = records.at(-1);
      if (last !== undefined) void this.#handOver(records, last.offset + 1);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Aborts the signal; resolves when the running handler has ended, or its time is up. Commits are refused then. */
  async end(): Promise<void> {
    if (this.#isEnded) return;
    this.#abort.abort();
    this.#leave();
    if (this.#isHandling) await this.#handlerEndOrGrace();
    this.#isEnded = true;
  }

  async #handOver(records: readonly LogRecord[], nextOffset: number): Promise<void> {
    this.#isHandling = true;
    try {
      await this.#handler.handle(records);
    } catch (error) {
      this.#isHandling = false;
      this.#handlerEnded?.();
      this.#fail(error);
      return;
    }
    this.#isHandling = false;
    this.#handlerEnded?.();
    if (this.#abort.signal.aborted) return;
    this.position = nextOffset;
    trimTail(this.#partition);
    this.#deps.progressed();
    if (nextOffset < this.#partition.end) this.#deps.clock.endOfTurn(() => this.wake());
  }

  #fail(error: unknown): void {
    if (this.#abort.signal.aborted) return;
    this.#isEnded = true;
    this.#abort.abort();
    this.#leave();
    this.#deps.failed(error);
  }

  async #commit(nextOffset: number): Promise<void> {
    if (this.#isEnded) throw new LogError('closed', 'the assignment has ended');
    await this.#deps.commit(this.#partition, nextOffset);
  }

  #leave(): void {
    this.#partition.readers.delete(this);
    trimTail(this.#partition);
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

function trimTail({ readers, tail }: LogPartition): void {
  if (readers.size === 0) return tail.clear();
  let lowest = Infinity;
  for (const { position } of readers) lowest = Math.min(lowest, position);
  return tail.trim(lowest);
}
