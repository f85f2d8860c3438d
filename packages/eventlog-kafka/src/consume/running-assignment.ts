import { LogError, type ConsumeOptions, type LogRecord } from '@garam/eventlog/event-log';
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

/** One partition in the hands of one handler. */
export interface RunningAssignment extends PartitionRef {
  /** Offset to fetch from. */
  readonly position: number;
  /** Whether records may be fetched for it. */
  readonly isOpen: boolean;
  /** Takes fetched records; `nextOffset` is where to go on. */
  push(records: readonly LogRecord[], nextOffset: number): void;
  /** Aborts the signal; resolves when the running handler has ended, or its time is up. Commits are refused then. */
  end(): Promise<void>;
  /** Aborts the signal and refuses commits at once. */
  drop(): void;
}

/** Records handed over at once, at most. */
const BATCH_MAX = 500;
/** Nothing is fetched while this much waits: the back-pressure of a slow handler, for its own partition only. */
const WAITING_BYTES_MAX = 256 * 1024;
const WAITING_RECORDS_MAX = 2 * BATCH_MAX;

/**
 * Records wait in a bounded queue, so that the one who fetches for all partitions never waits for a handler.
 * @throws what `assigned` throws
 */
export function startAssignment(at: PartitionRef & { start: number }, deps: AssignmentDeps): RunningAssignment {
  const { topic, partition, start } = at;
  const abort = new AbortController();
  let position = start;
  let waiting: LogRecord[] = [];
  let waitingBytes = 0;
  let isHandling = false;
  let isEnded = false;
  let ending: Promise<void> | undefined;
  let handlerEnded: (() => void) | undefined;

  const handler = deps.assigned({
    topic,
    partition,
    start,
    signal: abort.signal,
    async commit(nextOffset) {
      if (isEnded) throw new LogError('closed', 'the assignment has ended');
      await deps.commit({ topic, partition }, nextOffset);
    },
  });

  const hasRoom = () => waitingBytes < WAITING_BYTES_MAX && waiting.length < WAITING_RECORDS_MAX;

  function handOver(): void {
    if (isHandling || abort.signal.aborted || waiting.length === 0) return;
    const wasFull = !hasRoom();
    const batch = waiting.length <= BATCH_MAX ? waiting : waiting.slice(0, BATCH_MAX);
    waiting = waiting.length <= BATCH_MAX ? [] : waiting.slice(BATCH_MAX);
    for (const { value } of batch) waitingBytes -= value.length;
    isHandling = true;
    if (wasFull && hasRoom()) deps.hasRoom();
    handle(batch).then(handled, fail);
  }

  async function handle(batch: readonly LogRecord[]): Promise<void> {
    await handler.handle(batch);
  }

  function handled(): void {
    isHandling = false;
    handlerEnded?.();
    if (abort.signal.aborted) return;
    deps.progressed();
    handOver();
  }

  function fail(error: unknown): void {
    isHandling = false;
    handlerEnded?.();
    if (abort.signal.aborted) return;
    drop();
    deps.failed(error);
  }

  function drop(): void {
    isEnded = true;
    waiting = [];
    abort.abort();
    handlerEnded?.();
  }

  async function endOnce(): Promise<void> {
    waiting = [];
    abort.abort();
    if (isHandling && !isEnded) await handlerEndOrGrace();
    isEnded = true;
  }

  function handlerEndOrGrace(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = deps.clock.after(deps.handlerGraceMs, resolve);
      handlerEnded = () => {
        cancel();
        resolve();
      };
    });
  }

  return {
    topic,
    partition,
    get position() {
      return position;
    },
    get isOpen() {
      return !abort.signal.aborted && hasRoom();
    },
    push(records, nextOffset) {
      if (abort.signal.aborted || nextOffset <= position) return;
      position = nextOffset;
      for (const record of records) {
        waiting.push(record);
        waitingBytes += record.value.length;
      }
      handOver();
    },
    end: () => (ending ??= endOnce()),
    drop,
  };
}
