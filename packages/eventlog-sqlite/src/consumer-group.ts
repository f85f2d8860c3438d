import type { ConsumeOptions, Consumer, LogRecord } from '@garam/eventlog/event-log';
import { backoffDelayMs } from '@garam/runtime/backoff';
import type { Cancel, Clock } from '@garam/runtime/clock';
import type { LogPartition, LogTopic } from './log-partition.ts';
import { startAssignment, type RunningAssignment } from './running-assignment.ts';

export interface GroupDeps {
  clock: Clock;
  topic(name: string): LogTopic;
  next(partition: LogPartition, offset: number): LogRecord[];
  /** The group's committed position, not below the oldest record there is. */
  start(partition: LogPartition): number;
  commit(partition: LogPartition, nextOffset: number): Promise<void>;
  handlerGraceMs: number;
}

export interface ConsumerGroup {
  join(options: ConsumeOptions): Consumer;
  stopAll(): Promise<void>;
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
export function createConsumerGroup(deps: GroupDeps): ConsumerGroup {
  const { clock } = deps;
  const members: Member[] = [];
  const seats = new Map<LogPartition, Seat>();

  function join(options: ConsumeOptions): Consumer {
    let becomeReady = () => {};
    const ready = new Promise<void>((resolve) => (becomeReady = resolve));
    const member: Member = { options, isCounted: false, ready: becomeReady };
    members.push(member);
    for (const name of options.topics) {
      for (const partition of deps.topic(name).partitions) addSeat(partition);
    }
    clock.endOfTurn(share);
    return { ready: () => ready, stop: () => leave(member) };
  }

  function addSeat(partition: LogPartition): void {
    if (seats.has(partition)) return;
    const seat = { partition, wanted: undefined, holder: undefined, leaving: undefined, pause: undefined, failures: 0 };
    seats.set(partition, seat);
  }

  async function leave(member: Member): Promise<void> {
    const index = members.indexOf(member);
    if (index >= 0) members.splice(index, 1);
    member.ready?.();
    share();
    const own = [...seats.values()].filter((seat) => seat.holder?.member === member);
    await Promise.all(own.map((seat) => seat.leaving));
  }

  /** Says who shall have each partition, and lets go what moves. */
  function share(): void {
    for (const seat of seats.values()) {
      const wanting = members.filter(({ options }) => options.topics.includes(seat.partition.topic.name));
      seat.wanted = wanting[seat.partition.partition % Math.max(1, wanting.length)];
      settleSeat(seat);
    }
    for (const member of members) member.isCounted = true;
    announceReady();
  }

  function settleSeat(seat: Seat): void {
    const { holder, wanted } = seat;
    if (holder !== undefined) {
      if (holder.member !== wanted) seat.leaving ??= holder.running.end().then(() => vacate(seat));
    } else if (wanted === undefined) {
      seat.pause?.();
      seat.pause = undefined;
    } else if (seat.pause === undefined) {
      seatMember(seat, wanted);
    }
  }

  function vacate(seat: Seat): void {
    seat.holder = undefined;
    seat.leaving = undefined;
    settleSeat(seat);
    announceReady();
  }

  function seatMember(seat: Seat, member: Member): void {
    const { partition } = seat;
    try {
      const running = startAssignment(partition, deps.start(partition), member.options, {
        clock,
        next: deps.next,
        commit: deps.commit,
        handlerGraceMs: deps.handlerGraceMs,
        progressed: () => (seat.failures = 0),
        failed: (error) => pauseSeat(seat, member, error),
      });
      seat.holder = { member, running };
    } catch (error) {
      pauseSeat(seat, member, error);
    }
  }

  function pauseSeat(seat: Seat, member: Member, error: unknown): void {
    seat.holder = undefined;
    const delayMs = PAUSE.baseMs + backoffDelayMs(seat.failures++, PAUSE, clock.random);
    seat.pause = clock.after(delayMs, () => {
      seat.pause = undefined;
      settleSeat(seat);
      announceReady();
    });
    member.options.onError?.(error);
  }

  function announceReady(): void {
    for (const member of members) {
      if (member.ready === undefined || !member.isCounted) continue;
      const own = [...seats.values()].filter((seat) => seat.wanted === member);
      if (!own.every((seat) => seat.holder?.member === member && seat.leaving === undefined)) continue;
      member.ready();
      member.ready = undefined;
    }
  }

  return {
    join,
    async stopAll() {
      await Promise.all([...members].map(leave));
    },
  };
}
