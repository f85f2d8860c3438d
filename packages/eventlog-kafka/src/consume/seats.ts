import { LogError, type ConsumeOptions } from '@garam/eventlog/event-log';
import { backoffDelayMs } from '@garam/runtime/backoff';
import type { Cancel, Clock } from '@garam/runtime/clock';
import type { PartitionRef } from '../read/partition-offsets.ts';
import { startAssignment, type RunningAssignment } from './running-assignment.ts';

export interface SeatsDeps {
  clock: Clock;
  assigned: ConsumeOptions['assigned'];
  /** Where the group stands and what there is, for each partition. */
  positions(partitions: readonly PartitionRef[]): Promise<Map<string, PartitionPosition>>;
  commit(partition: PartitionRef, nextOffset: number): Promise<void>;
  /** There may be something to fetch that there was not before. */
  wake(): void;
  onError(error: unknown): void;
  handlerGraceMs: number;
}

export interface PartitionPosition {
  /** −1 when the group has committed nothing. */
  committed: number;
  oldest: number;
  end: number;
}

/** The partitions this member holds, each with the assignment that works on it. */
export interface Seats {
  owned(): PartitionRef[];
  running(): Iterable<RunningAssignment>;
  /** Starts an assignment on each, as soon as its position is known. */
  take(partitions: readonly PartitionRef[]): void;
  /** Ends the assignments, lets handlers end. */
  release(partitions: readonly PartitionRef[]): Promise<void>;
  /** Ends everything at once: somebody else may have it already. */
  drop(): void;
  /** Resolves when every partition that is held is worked on. */
  seated(): Promise<void>;
}

interface Seat extends PartitionRef {
  assignment: RunningAssignment | undefined;
  pause: Cancel | undefined;
  failures: number;
}

const PAUSE = { baseMs: 100, maxMs: 5_000 };
const keyOf = ({ topic, partition }: PartitionRef) => `${topic}/${partition}`;

export function createSeats(deps: SeatsDeps): Seats {
  const { clock } = deps;
  const seats = new Map<string, Seat>();
  let isStarting = false;
  let failures = 0;
  let waitingForAll: (() => void)[] = [];

  function* running(): Iterable<RunningAssignment> {
    for (const { assignment } of seats.values()) if (assignment !== undefined) yield assignment;
  }

  /** Starts what is neither at work nor paused, until nothing is left to start. */
  async function start(): Promise<void> {
    if (isStarting) return;
    isStarting = true;
    for (;;) {
      const empty = [...seats.values()].filter(({ assignment, pause }) => assignment === undefined && pause === undefined);
      if (empty.length === 0) break;
      try {
        const positions = await deps.positions(empty);
        failures = 0;
        for (const seat of empty) if (seats.get(keyOf(seat)) === seat) seatAt(seat, positions.get(keyOf(seat)));
      } catch (error) {
        if (seats.size === 0) break;
        deps.onError(error);
        await clock.sleep(PAUSE.baseMs + backoffDelayMs(failures++, PAUSE, clock.random));
      }
    }
    isStarting = false;
    announce();
    deps.wake();
  }

  function seatAt(seat: Seat, position: PartitionPosition | undefined): void {
    const { topic, partition } = seat;
    try {
      if (position === undefined) throw new LogError('unavailable', `no position for ${keyOf(seat)}`);
      if (position.committed > position.end) {
        const text = `${keyOf(seat)} ends at ${position.end}, but the group has committed ${position.committed}`;
        throw new LogError('unavailable', `${text}: waiting; if it stays, the topic was made anew`);
      }
      const from = Math.max(position.committed, position.oldest, 0);
      seat.assignment = startAssignment(
        { topic, partition, start: from },
        {
          clock,
          assigned: deps.assigned,
          commit: deps.commit,
          hasRoom: deps.wake,
          progressed: () => (seat.failures = 0),
          failed: (error) => pauseSeat(seat, error),
          handlerGraceMs: deps.handlerGraceMs,
        },
      );
    } catch (error) {
      pauseSeat(seat, error);
    }
  }

  function pauseSeat(seat: Seat, error: unknown): void {
    seat.assignment = undefined;
    const delayMs = PAUSE.baseMs + backoffDelayMs(seat.failures++, PAUSE, clock.random);
    seat.pause = clock.after(delayMs, () => {
      seat.pause = undefined;
      void start();
    });
    deps.onError(error);
  }

  function announce(): void {
    if ([...seats.values()].some(({ assignment }) => assignment === undefined)) return;
    for (const resolve of waitingForAll.splice(0)) resolve();
  }

  function remove(partitions: readonly PartitionRef[]): RunningAssignment[] {
    const removed: RunningAssignment[] = [];
    for (const partition of partitions) {
      const seat = seats.get(keyOf(partition));
      if (seat === undefined) continue;
      seats.delete(keyOf(partition));
      seat.pause?.();
      if (seat.assignment !== undefined) removed.push(seat.assignment);
    }
    return removed;
  }

  return {
    owned: () => [...seats.values()].map(({ topic, partition }) => ({ topic, partition })),
    running,
    take(partitions) {
      for (const { topic, partition } of partitions) {
        const seat: Seat = { topic, partition, assignment: undefined, pause: undefined, failures: 0 };
        if (!seats.has(keyOf(seat))) seats.set(keyOf(seat), seat);
      }
      void start();
    },
    async release(partitions) {
      await Promise.all(remove(partitions).map((assignment) => assignment.end()));
    },
    drop() {
      for (const assignment of remove([...seats.values()])) assignment.drop();
    },
    seated: () =>
      new Promise((resolve) => {
        waitingForAll.push(resolve);
        if (!isStarting) announce();
      }),
  };
}
