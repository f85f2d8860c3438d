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

export interface RunningAssignment {
  /** Aborts the signal; resolves when the running handler has ended, or its time is up. Commits are refused then. */
  end(): Promise<void>;
}

/**
 * Hands the records of one partition to one handler, batch by batch. It starts in the caller's turn and goes on by
 * itself: after a batch at the end of the turn, at the end of the partition when it is woken.
 */
export function startAssignment(
  partition: LogPartition,
  start: number,
  options: ConsumeOptions,
  deps: AssignmentDeps,
): RunningAssignment {
  const abort = new AbortController();
  let position = start;
  let isHandling = false;
  let isEnded = false;
  let handlerEnded: (() => void) | undefined;

  const handler: PartitionHandler = options.assigned({
    topic: partition.topic.name,
    partition: partition.partition,
    start,
    signal: abort.signal,
    async commit(nextOffset) {
      if (isEnded) throw new LogError('closed', 'the assignment has ended');
      await deps.commit(partition, nextOffset);
    },
  });
  const reader: PartitionReader = {
    get position() {
      return position;
    },
    wake: handOver,
  };
  partition.readers.add(reader);
  deps.clock.endOfTurn(handOver);

  function handOver(): void {
    if (isHandling || abort.signal.aborted) return;
    try {
      const records = deps.next(partition, position);
      if (records.length === 0) return;
      isHandling = true;
      handler.handle(records).then(() => handled(records.at(-1)!.offset + 1), fail);
    } catch (error) {
      fail(error);
    }
  }

  function handled(nextOffset: number): void {
    isHandling = false;
    handlerEnded?.();
    if (abort.signal.aborted) return;
    position = nextOffset;
    trimTail(partition);
    deps.progressed();
    if (position < partition.end) deps.clock.endOfTurn(handOver);
  }

  function fail(error: unknown): void {
    isHandling = false;
    handlerEnded?.();
    if (abort.signal.aborted) return;
    finish();
    deps.failed(error);
  }

  function finish(): void {
    isEnded = true;
    abort.abort();
    leave();
  }

  function leave(): void {
    partition.readers.delete(reader);
    trimTail(partition);
  }

  async function end(): Promise<void> {
    if (isEnded) return;
    abort.abort();
    leave();
    if (isHandling) await handlerEndOrGrace();
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

  return { end };
}

function trimTail({ readers, tail }: LogPartition): void {
  if (readers.size === 0) return tail.clear();
  let lowest = Infinity;
  for (const { position } of readers) lowest = Math.min(lowest, position);
  tail.trim(lowest);
}
