import type { ConsumeOptions, Consumer, LogRecord } from '@garam/eventlog/event-log';
import { backoffDelayMs } from '@garam/runtime/backoff';
import type { Cancel, Clock } from '@garam/runtime/clock';
import type { LogPartition, LogTopic } from './log-partition.ts';
import { RunningAssignment } from './running-assignment.ts';

export interface GroupDeps {
  clock: Clock;
  topic(name: string): LogTopic;
  next(partition: LogPartition, offset: number): LogRecord[];
  /** The group's committed position, not below the oldest record there is. */
  start(partition: LogPartition): number;
  commit(partition: LogPartition, nextOffset: number): Promise<void>;
  handlerGraceMs: number;
}

interface Member {
  options: ConsumeOptions;
  /** Has been considered in sharing. */
  isCounted: boolean;
  ready: (() => void) | undefined;
}

/** Who has a partition, and who shall have it. */
interface Seat {
  partition: LogPartition;
  wanted: Member | undefined;
  holder: { member: Member; running: RunningAssignment } | undefined;
  /** Set while the holder's last handler is running out. */
  leaving: Promise<void> | undefined;
  pause: Cancel | undefined;
  failures: number;
}

const PAUSE = { baseMs: 100, maxMs: 5_000 };

/**
 * The consumers of one group in this process. Partitions go round among those that want the topic, in the order they
 * joined; only partitions that change hands are touched. A partition is given anew when its last holder has ended.
 */
export class ConsumerGroup {
  readonly #deps: GroupDeps;
  readonly #members: Member[] = [];
  readonly #seats = new Map<LogPartition, Seat>();

  constructor(deps: GroupDeps) {
    this.#deps = deps;
  }

  join(options: ConsumeOptions): Consumer {
    const { promise, resolve } = Promise.withResolvers<void>();
    const member: Member = { options, isCounted: false, ready: resolve };
    this.#members.push(member);
    for (const name of options.topics) {
      for (const partition of this.#deps.topic(name).partitions) this.#addSeat(partition);
    }
    this.#deps.clock.endOfTurn(() => this.#share());
    return { ready: () => promise, stop: () => this.#leave(member) };
  }

  async stopAll(): Promise<void> {
    await Promise.all(this.#members.slice().map((member) => this.#leave(member)));
  }

  #addSeat(partition: LogPartition): void {
    if (this.#seats.has(partition)) return;
    const seat = { partition, wanted: undefined, holder: undefined, leaving: undefined, pause: undefined, failures: 0 };
    this.#seats.set(partition, seat);
  }

  async #leave(member: Member): Promise<void> {
    const index = this.#members.indexOf(member);
    if (index !== -1) this.#members.splice(index, 1);
    member.ready?.();
    this.#share();
    for (const seat of this.#seats.values()) {
      if (seat.holder?.member === member) await seat.leaving;
    }
  }

  /** Says who shall have each partition, and lets go what moves. */
  #share(): void {
    for (const seat of this.#seats.values()) {
      const wanting = this.#members.filter(({ options }) => options.topics.includes(seat.partition.topic.name));
      seat.wanted = wanting[seat.partition.partition % Math.max(1, wanting.length)];
      this.#settle(seat);
    }
    for (const member of this.#members) member.isCounted = true;
    this.#announceReady();
  }

  #settle(seat: Seat): void {
    const { holder, wanted } = seat;
    if (holder !== undefined) {
      if (holder.member !== wanted) seat.leaving ??= this.#vacate(seat, holder.running);
    } else if (wanted === undefined) {
      seat.pause?.();
      seat.pause = undefined;
    } else if (seat.pause === undefined) {
      this.#assign(seat, wanted);
    }
  }

  async #vacate(seat: Seat, running: RunningAssignment): Promise<void> {
    await running.end();
    seat.holder = undefined;
    seat.leaving = undefined;
    this.#settle(seat);
    this.#announceReady();
  }

  #assign(seat: Seat, member: Member): void {
    const { partition } = seat;
    const { clock, next, commit, start, handlerGraceMs } = this.#deps;
    try {
      const running = new RunningAssignment(partition, start(partition), member.options, {
        clock,
        next,
        commit,
        handlerGraceMs,
        progressed: () => (seat.failures = 0),
        failed: (error) => this.#pause(seat, member, error),
      });
      seat.holder = { member, running };
    } catch (error) {
      this.#pause(seat, member, error);
    }
  }

  #pause(seat: Seat, member: Member, error: unknown): void {
    const { clock } = this.#deps;
    seat.holder = undefined;
    const delayMs = PAUSE.baseMs + backoffDelayMs(seat.failures++, PAUSE, clock.random);
    seat.pause = clock.after(delayMs, () => {
      seat.pause = undefined;
      this.#settle(seat);
      this.#announceReady();
    });
    member.options.onError?.(error);
  }

  #announceReady(): void {
    for (const member of this.#members) {
      if (member.ready === undefined || !member.isCounted) continue;
      const own = [...this.#seats.values()].filter((seat) => seat.wanted === member);
      if (!own.every((seat) => seat.holder?.member === member && seat.leaving === undefined)) continue;
      member.ready();
      member.ready = undefined;
    }
  }
}
