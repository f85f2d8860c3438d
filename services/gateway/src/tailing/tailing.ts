import type { BusEntry } from '@garam/contracts/bus-entry';
import { TOPICS } from '@garam/contracts/topics';
import {
  createLogTail,
  LOG_TAIL_DEFAULTS,
  logTailParts,
  type LogTail,
  type LogTailParts,
  type TailedLog,
} from '@garam/eventlog/tail/log-tail';
import type { Intake } from '@garam/intake/intake';
import type { Clock } from '@garam/runtime/clock';
import type { Logger } from '@garam/telemetry/logger';
import type { BusCover } from '../delivery/delivery-deps.ts';
import type { Delivery } from '../delivery/delivery.ts';
import { createSeenLately } from './seen-lately.ts';
import { takeRecords } from './take-records.ts';
import type { TailingMetrics } from './tailing-metrics.ts';

/** The gateway's fall-back: what the bus does not bring, it reads from the log itself. */
export interface Tailing extends BusCover {
  start(): void;
  stop(): void;
  heard(entry: Extract<BusEntry, { kind: 'heartbeat' }>): void;
  /** The connection to the bus is gone, or there again. */
  lost(isLost: boolean): void;
  /** Partitions of topics that are being read here. */
  readonly partitions: number;
}

export interface TailingDeps {
  log: TailedLog;
  clock: Clock;
  logger: Logger;
  metrics: TailingMetrics;
  intake: Pick<Intake, 'origin' | 'settle' | 'load'>;
  delivery: Pick<Delivery, 'gate' | 'offer' | 'added' | 'learn' | 'resync' | 'routes'>;
}

export interface TailingOptions {
  /** Without a heartbeat of fanout for so long a partition is read here, ms. */
  silenceMs: number;
}

export const TAILING_DEFAULTS: TailingOptions = { silenceMs: LOG_TAIL_DEFAULTS.silenceMs };

/** What a simulation may exchange to show that each step is needed. */
export interface TailingParts extends LogTailParts {
  createTailing(deps: TailingDeps, options: TailingOptions, parts: LogTailParts): Tailing;
}

export const tailingParts: TailingParts = { ...logTailParts, createTailing };

const FAILURES_PER_WARNING = 32;

export function createTailing(deps: TailingDeps, options: TailingOptions, parts: LogTailParts): Tailing {
  const { log, clock, logger, metrics, delivery } = deps;
  const seen = createSeenLately(clock);
  const taking = { ...deps, seen };
  let failures = 0;
  const tail: LogTail = createLogTail(
    {
      log,
      clock,
      owner: {
        records(records) {
          failures = 0;
          metrics.records.add(records.length);
          takeRecords(taking, records);
        },
        mend: () => delivery.resync(),
        isWhole: () => delivery.routes.isWritten,
        switched(to, { topic, partition }) {
          metrics.switches.add(1, { to });
          metrics.partitions.add(to === 'tail' ? 1 : -1);
          logger.info({ topic, partition, to }, 'a partition comes another way from now on');
          if (tail.tailing === 0) seen.clear();
        },
        failed(error) {
          failures += 1;
          // Often enough to see that it does not end, seldom enough not to flood.
          if (failures % FAILURES_PER_WARNING === 0)
            logger.warn({ err: error, failures }, 'the log cannot be read here');
        },
      },
    },
    { ...LOG_TAIL_DEFAULTS, ...options, topics: [TOPICS.events, TOPICS.replies] },
    parts,
  );
  return {
    start: () => tail.start(),
    stop: () => tail.stop(),
    lost: (isLost) => tail.lost(isLost),
    heard: ({ topic, partition, offset }) => tail.heard(topic, partition, offset),
    covered: () => tail.covered(),
    busFailed: () => tail.busFailed(),
    busWorked: () => tail.busWorked(),
    get isCut() {
      return tail.isCut;
    },
    get partitions() {
      return tail.tailing;
    },
    seenRev: (chat) => seen.rev(chat),
    seenChanges: (user) => seen.changes(user),
  };
}
