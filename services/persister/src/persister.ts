import { decodeEvent } from '@garam/contracts/event-codec';
import type { EventRecord } from '@garam/contracts/event-record';
import { deadLetterTopic, GROUPS, TOPICS } from '@garam/contracts/topics';
import type { Assignment, EventLog } from '@garam/eventlog/event-log';
import type { Backoff } from '@garam/runtime/backoff';
import type { Clock } from '@garam/runtime/clock';
import { createBatchWork, effectsThenCommit, type Settle } from '@garam/service/batch-work';
import { createConsumerService } from '@garam/service/consumer-service';
import type { Service } from '@garam/service/service';
import type { Store } from '@garam/store/store';
import type { Logger } from '@garam/telemetry/logger';
import type { Meter } from '@opentelemetry/api';
import { createPersisterMetrics } from './metrics.ts';
import { persistBatch, persistPhases, type Phase } from './persist-batch.ts';

export interface PersisterDeps {
  log: EventLog;
  store: Store;
  clock: Clock;
  logger: Logger;
  meter: Meter;
}

export interface PersisterOptions {
  backoff: Backoff;
  commitIntervalMs: number;
  /** Shortest time between two batches of a partition: messages of a chat that come within it share pages and heads. */
  paceMs: number;
  startTimeoutMs: number;
  /** A partition that stands still for so long, unexplained, ends the process. */
  stallExitMs?: number;
}

/** What a simulation may exchange to show that the order matters. */
export interface PersisterParts {
  phases: readonly Phase[];
  settle: Settle;
}

export const persisterParts: PersisterParts = { phases: persistPhases, settle: effectsThenCommit };

/** Projects `chat.events` onto the store's views. */
export function createPersister(
  deps: PersisterDeps,
  options: PersisterOptions,
  parts: PersisterParts = persisterParts,
): Service {
  const metrics = createPersisterMetrics(deps.meter);
  const { clock } = deps;

  const apply = async (events: readonly EventRecord[]): Promise<void> => {
    const startedAt = clock.monotonic();
    await persistBatch(deps.store.writes, events, parts.phases);
    metrics.events.add(events.length);
    metrics.batchDuration.record(clock.monotonic() - startedAt);
    metrics.lag.record(Math.max(0, clock.now() - events.at(-1)!.clock / 1000));
  };
  const work = (assignment: Assignment) =>
    createBatchWork(deps, assignment, {
      decode: decodeEvent,
      apply,
      deadLetterTopic: deadLetterTopic(TOPICS.events, GROUPS.persister),
      backoff: options.backoff,
      commitIntervalMs: options.commitIntervalMs,
      paceMs: options.paceMs,
      settle: parts.settle,
      onDeadLetters: (count) => metrics.deadLetters.add(count),
      onFailure: () => metrics.failures.add(1),
    });
  return createConsumerService(deps, {
    name: 'persister',
    group: GROUPS.persister,
    topics: [TOPICS.events],
    patienceMs: options.paceMs,
    startTimeoutMs: options.startTimeoutMs,
    stallExitMs: options.stallExitMs,
    work,
  });
}
