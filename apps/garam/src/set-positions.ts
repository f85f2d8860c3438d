import type { EventLog } from '@garam/eventlog/event-log';
import type { Clock } from '@garam/runtime/clock';
import { withDeadline } from '@garam/runtime/deadline';
import { untilAborted } from '@garam/service/batch-work';
import type { Patiently } from './patience.ts';

interface Positions {
  group: string;
  topic: string;
  /** By partition. */
  positions: readonly number[];
  clock: Clock;
  patiently: Patiently;
}

const POLL_MS = 100;
const DEADLINE_MS = 90_000;

/**
 * Sets a group's position of every partition, as its only member: nothing is handed to anybody. Positions only
 * move forwards.
 * @throws Error when they are not there in time, as when somebody else of the group holds partitions
 */
export async function setPositions(
  log: EventLog,
  { group, topic, positions, clock, patiently }: Positions,
): Promise<void> {
  const isReached = async (): Promise<boolean> => {
    for (const [partition, position] of positions.entries())
      if (
        (await patiently(`asking for positions of ${group}`, () => log.committed(group, topic, partition))) < position
      )
        return false;
    return true;
  };
  if (await isReached()) return;
  let trouble: unknown;
  const consumer = log.consume({
    group,
    topics: [topic],
    assigned: (assignment) => ({
      async handle() {
        await assignment.commit(positions[assignment.partition] ?? assignment.start);
        await untilAborted(assignment.signal);
      },
    }),
    onError: (error) => (trouble = error),
    onFatal: (error) => (trouble = error),
  });
  const waiting = new AbortController();
  const reached = async (): Promise<void> => {
    while (!waiting.signal.aborted && !(await isReached())) await clock.sleep(POLL_MS, waiting.signal);
  };
  try {
    const late = () => new Error(`positions of ${group} could not be set`, { cause: trouble });
    await withDeadline(reached(), DEADLINE_MS, clock, late);
  } finally {
    waiting.abort();
    await consumer.stop();
  }
}
