import type { EventLog } from '@garam/eventlog/event-log';
import { afterEach, beforeEach, describe } from 'vitest';
import { appendContract } from './eventlog-append-contract.ts';
import { consumeContract } from './eventlog-consume-contract.ts';
import { groupContract } from './eventlog-group-contract.ts';
import { readContract } from './eventlog-read-contract.ts';

/** One log under test and what the suite may do to it. Made anew for every test; at least two partitions. */
export interface EventLogFixture {
  /** The log as it is now: another object after `restart`. */
  readonly log: EventLog;
  /** A topic without records, ready to be used. */
  newTopic(): Promise<string>;
  /** A group name that nobody has used. */
  newGroup(): string;
  /** Closes the log and opens the same data again, as a new process would. */
  restart(): Promise<void>;
  /** Makes every append fail until the returned function is called. */
  breakAppends?(): Promise<() => Promise<void>>;
  /** Deletes a prefix of the partition as retention does, never all of it. Resolves with the oldest offset left. */
  loseOldest?(topic: string, partition: number): Promise<number>;
  /** Ends everything the fixture has made. */
  dispose(): Promise<void>;
}

export type FixtureOf = () => EventLogFixture;

/**
 * What every EventLog promises. An adapter's test file calls this with a way to make a log; the same suite runs against
 * all of them. Waiting ends with the awaited event; the test's time-out is the only clock.
 */
export function eventLogContract(name: string, makeFixture: () => Promise<EventLogFixture>): void {
  describe(`EventLog: ${name}`, () => {
    let fixture: EventLogFixture;
    beforeEach(async () => {
      fixture = await makeFixture();
    });
    afterEach(async () => fixture.dispose());
    appendContract(() => fixture);
    readContract(() => fixture);
    consumeContract(() => fixture);
    groupContract(() => fixture);
  });
}
