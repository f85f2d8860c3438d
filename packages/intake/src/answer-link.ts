import type { Bus } from '@garam/bus/bus';
import { TOPICS } from '@garam/contracts/topics';
import type { EventLog } from '@garam/eventlog/event-log';
import { createLogTail, LOG_TAIL_DEFAULTS } from '@garam/eventlog/tail/log-tail';
import type { Clock } from '@garam/runtime/clock';
import { createBusLink } from './bus-link.ts';
import type { Intake } from './intake.ts';
import { answersSince, settleRecord } from './settle-record.ts';

/** The way of answers back to an intake that has no gateway around it. */
export interface AnswerLink {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Partitions of topics that are read here because bus or fanout are out of order. */
  readonly tailing: number;
}

export interface AnswerLinkDeps {
  log: EventLog;
  bus: Pick<Bus, 'subscribe'>;
  clock: Clock;
  intake: Pick<Intake, 'origin' | 'settle' | 'load'>;
  failed(error: unknown): void;
}

/**
 * Answers come over the bus; while that is lost, or fanout is silent, they are read from the log, so that nobody has
 * to be told `unknown_outcome` for it.
 */
export function createAnswerLink({ log, bus, clock, intake, failed }: AnswerLinkDeps): AnswerLink {
  const tail = createLogTail(
    {
      log,
      clock,
      owner: {
        records(records) {
          const since = answersSince(intake, clock.now());
          for (const record of records) if (record.timestamp >= since) settleRecord(intake, record);
        },
        // There are no routes: what is published to this instance is heard as soon as it is subscribed.
        mend: () => Promise.resolve(),
        isWhole: () => true,
        failed,
      },
    },
    { ...LOG_TAIL_DEFAULTS, topics: [TOPICS.events, TOPICS.replies] },
  );
  const link = createBusLink({
    bus,
    clock,
    instance: intake.origin,
    entries(entries) {
      for (const entry of entries) {
        if (entry.kind === 'event' || entry.kind === 'reply') intake.settle(entry);
        else if (entry.kind === 'heartbeat') tail.heard(entry.topic, entry.partition, entry.offset);
      }
    },
    lost: (isLost) => tail.lost(isLost),
    failed,
  });
  return {
    start() {
      tail.start();
      return link.start();
    },
    stop() {
      tail.stop();
      return link.stop();
    },
    get tailing() {
      return tail.tailing;
    },
  };
}
