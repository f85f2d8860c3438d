import type { Assignment, EventLog, LogRecord, PartitionHandler } from '@garam/eventlog/event-log';
import type { Cancel, Clock } from '@garam/runtime/clock';
import type { PartitionWork } from './consumer-service.ts';

export interface StallWatchDeps {
  log: Pick<EventLog, 'end'>;
  clock: Clock;
  /** A partition makes no progress and nothing explains it. */
  onStall(error: Error): void;
}

export interface StallWatch {
  /** The work's handler, watched for as long as it is assigned. */
  watched(assignment: Assignment, work: PartitionWork): PartitionHandler;
  stop(): void;
}

interface Watched {
  assignment: Assignment;
  work: PartitionWork;
  /** Offset of the next record to be handed over. */
  nextOffset: number;
  isHandling: boolean;
  hasMoved: boolean;
  stalledLooks: number;
}

/** Looks per stall time. Looks are counted, not time: a process that was stopped for an hour has not stalled. */
const LOOKS = 6;

/**
 * Notices partitions that stand still: for `stallMs` no batch ended although one was under way or records waited, and
 * the work named no trouble it is repeating. Such a process only pretends to work: others could do it.
 */
export function createStallWatch({ log, clock, onStall }: StallWatchDeps, stallMs: number): StallWatch {
  const all = new Set<Watched>();
  let isLooking = false;

  /** Whether this look saw a partition that should have moved and did not. */
  const standsStill = async (each: Watched): Promise<boolean> => {
    const { assignment, work } = each;
    const isExplained = () => each.hasMoved || work.trouble() !== undefined || assignment.signal.aborted;
    if (isExplained()) return false;
    if (each.isHandling) return true;
    // A log that cannot be asked has nothing to hand over either.
    const end = await log.end(assignment.topic, assignment.partition).catch(() => 0);
    return end > each.nextOffset && !isExplained();
  };
  const look = async (): Promise<void> => {
    if (isLooking) return;
    isLooking = true;
    for (const each of all) {
      const isStill = await standsStill(each);
      each.stalledLooks = isStill ? each.stalledLooks + 1 : 0;
      each.hasMoved = false;
      if (each.stalledLooks >= LOOKS) onStall(stallError(each, stallMs));
    }
    isLooking = false;
  };
  const cancel: Cancel = clock.every(stallMs / LOOKS, () => void look());

  return {
    watched(assignment, work) {
      const each: Watched = {
        assignment,
        work,
        nextOffset: assignment.start,
        isHandling: false,
        hasMoved: true,
        stalledLooks: 0,
      };
      all.add(each);
      assignment.signal.addEventListener('abort', () => all.delete(each), { once: true });
      return { handle: (records) => handleWatched(each, records) };
    },
    stop: cancel,
  };
}

async function handleWatched(each: Watched, records: readonly LogRecord[]): Promise<void> {
  const last = records.at(-1);
  if (last !== undefined) each.nextOffset = last.offset + 1;
  each.isHandling = true;
  try {
    await each.work.handle(records);
  } finally {
    each.isHandling = false;
    each.hasMoved = true;
  }
}

function stallError({ assignment, nextOffset, isHandling }: Watched, stallMs: number): Error {
  const { topic, partition } = assignment;
  const what = isHandling ? 'a batch does not end' : 'records wait and are not handed over';
  return new Error(`${topic}/${partition} at offset ${nextOffset}: nothing finished for ${stallMs} ms: ${what}`);
}
