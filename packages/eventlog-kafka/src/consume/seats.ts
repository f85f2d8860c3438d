import { LogError, type ConsumeOptions } from '@garam/eventlog/event-log';
import { backoffDelayMs } from '@garam/runtime/backoff';
import type { Cancel, Clock } from '@garam/runtime/clock';
import type { PartitionRef } from '../read/partition-offsets.ts';
import { RunningAssignment } from './running-assignment.ts';

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

interface Seat extends PartitionRef {
  assignment: RunningAssignment | undefined;
  pause: Cancel | undefined;
  failures: number;
}

const PAUSE = { baseMs: 100, maxMs: 5_000 };
const keyOf = ({ topic, partition }: PartitionRef) => `${topic}/${partition}`;

/** The partitions this member holds, each with the assignment that works on it. */
export class Seats {
  readonly #deps: SeatsDeps;
  readonly #seats = new Map<string, Seat>();
  #isStarting = false;
  #failures = 0;
  #waitingForAll: (() => void)[] = [];

  constructor(deps: SeatsDeps) {
    this.#deps = deps;
  }

  owned(): PartitionRef[] {
    return [...this.#seats.values()].map(({ topic, partition }) => ({ topic, partition }));
  }

  *running(): Iterable<RunningAssignment> {
    for (const { assignment } of this.#seats.values()) if (assignment !== undefined) yield assignment;
  }

  /** Starts an assignment on each, as soon as its position is known. */
  take(partitions: readonly PartitionRef[]): void {
    for (const { topic, partition } of partitions) {
      const seat: Seat = { topic, partition, assignment: undefined, pause: undefined, failures: 0 };
      if (!this.#seats.has(keyOf(seat))) this.#seats.set(keyOf(seat), seat);
    }
    void this.#start();
  }

  /** Ends the assignments, lets handlers end. */
  async release(partitions: readonly PartitionRef[]): Promise<void> {
    await Promise.all(this.#remove(partitions).map((assignment) => assignment.end()));
  }

  /** Ends everything at once: somebody else may have it already. */
  drop(): void {
    for (const assignment of this.#remove([...this.#seats.values()])) assignment.drop();
  }

  /** Resolves when every partition that is held is worked on. */
  seated(): Promise<void> {
    return new Promise((resolve) => {
      this.#waitingForAll.push(resolve);
      if (!this.#isStarting) this.#announce();
    });
  }

  /** Starts what is neither at work nor paused, until nothing is left to start. */
  async #start(): Promise<void> {
    if (this.#isStarting) return;
    this.#isStarting = true;
    for (let empty = this.#empty(); empty.length > 0; empty = this.#empty()) {
      try {
        const positions = await this.#deps.positions(empty);
        this.#failures = 0;
        for (const seat of empty) this.#seatAt(seat, positions.get(keyOf(seat)));
      } catch (error) {
        this.#deps.onError(error);
        const delayMs = backoffDelayMs(this.#failures++, PAUSE, this.#deps.clock.random);
        await this.#deps.clock.sleep(PAUSE.baseMs + delayMs);
      }
    }
    this.#isStarting = false;
    this.#announce();
    this.#deps.wake();
  }

  #empty(): Seat[] {
    return [...this.#seats.values()].filter(({ assignment, pause }) => assignment === undefined && pause === undefined);
  }

  #seatAt(seat: Seat, position: PartitionPosition | undefined): void {
    if (this.#seats.get(keyOf(seat)) !== seat) return;
    try {
      if (position === undefined) throw new LogError('unavailable', `no position for ${keyOf(seat)}`);
      if (position.committed > position.end) {
        const text = `${keyOf(seat)} ends at ${position.end}, but the group has committed ${position.committed}`;
        throw new LogError('unavailable', `${text}: waiting; if it stays, the topic was made anew`);
      }
      const from = Math.max(position.committed, position.oldest, 0);
      seat.assignment = new RunningAssignment(seat, from, {
        clock: this.#deps.clock,
        assigned: this.#deps.assigned,
        commit: this.#deps.commit,
        hasRoom: this.#deps.wake,
        progressed: () => (seat.failures = 0),
        failed: (error) => this.#pauseSeat(seat, error),
        handlerGraceMs: this.#deps.handlerGraceMs,
      });
    } catch (error) {
      this.#pauseSeat(seat, error);
    }
  }

  #pauseSeat(seat: Seat, error: unknown): void {
    seat.assignment = undefined;
    const delayMs = PAUSE.baseMs + backoffDelayMs(seat.failures++, PAUSE, this.#deps.clock.random);
    seat.pause = this.#deps.clock.after(delayMs, () => {
      seat.pause = undefined;
      void this.#start();
    });
    this.#deps.onError(error);
  }

  #announce(): void {
    if ([...this.#seats.values()].some(({ assignment }) => assignment === undefined)) return;
    for (const resolve of this.#waitingForAll.splice(0)) resolve();
  }

  #remove(partitions: readonly PartitionRef[]): RunningAssignment[] {
    const removed: RunningAssignment[] = [];
    for (const partition of partitions) {
      const seat = this.#seats.get(keyOf(partition));
      if (seat === undefined) continue;
      this.#seats.delete(keyOf(partition));
      seat.pause?.();
      if (seat.assignment !== undefined) removed.push(seat.assignment);
    }
    return removed;
  }
}
