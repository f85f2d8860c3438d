import type { Bus } from '@garam/bus/bus';
import { decodeEvent } from '@garam/contracts/event-codec';
import { decodeReply } from '@garam/contracts/reply-codec';
import { deadLetterTopic, GROUPS, TOPICS } from '@garam/contracts/topics';
import type { Assignment, EventLog } from '@garam/eventlog/event-log';
import type { Backoff } from '@garam/runtime/backoff';
import type { Clock } from '@garam/runtime/clock';
import { createBatchWork, effectsThenCommit, type Settle } from '@garam/service/batch-work';
import { createConsumerService, type PartitionWork } from '@garam/service/consumer-service';
import type { Service } from '@garam/service/service';
import type { Logger } from '@garam/telemetry/logger';
import type { Counter, Meter } from '@opentelemetry/api';
import { createHeartbeats } from './heartbeats.ts';
import { createFanoutMetrics } from './metrics.ts';
import { publishEvents, publishSteps, type PublishSteps } from './publish-events.ts';
import { publishReplies } from './publish-replies.ts';

export interface FanoutDeps {
  log: EventLog;
  bus: Bus;
  clock: Clock;
  logger: Logger;
  meter: Meter;
}

export interface FanoutOptions {
  backoff: Backoff;
  commitIntervalMs: number;
  startTimeoutMs: number;
  /** A partition that stands still for so long, unexplained, ends the process. */
  stallExitMs?: number;
}

/** A bus that is back must not wait long to be found so: gateways read the log themselves until then. */
const BACKOFF_MS_MAX = 1_000;

/** What a simulation may exchange to show that the order matters. */
export interface FanoutParts {
  steps: PublishSteps;
  settle: Settle;
}

export const fanoutParts: FanoutParts = { steps: publishSteps, settle: effectsThenCommit };

/** Tells the gateways concerned about events and replies. */
export function createFanout(deps: FanoutDeps, options: FanoutOptions, parts: FanoutParts = fanoutParts): Service {
  const metrics = createFanoutMetrics(deps.meter);
  const { bus, clock } = deps;
  const heartbeats = createHeartbeats(deps);
  const backoff = { ...options.backoff, maxMs: Math.min(options.backoff.maxMs, BACKOFF_MS_MAX) };

  /** Work on a partition of one topic: `publish` may be repeated. */
  const workOn = <T>(
    assignment: Assignment,
    decode: (bytes: Uint8Array) => T | null,
    publish: (values: readonly T[]) => Promise<void>,
    counter: Counter,
  ): PartitionWork =>
    createBatchWork(deps, assignment, {
      decode,
      async apply(values) {
        const startedAt = clock.monotonic();
        await publish(values);
        counter.add(values.length);
        metrics.batchDuration.record(clock.monotonic() - startedAt);
      },
      deadLetterTopic: deadLetterTopic(assignment.topic, GROUPS.fanout),
      backoff,
      commitIntervalMs: options.commitIntervalMs,
      settle: parts.settle,
      onDeadLetters: (count) => metrics.deadLetters.add(count),
      onFailure: () => metrics.failures.add(1),
    });

  const service = createConsumerService(deps, {
    name: 'fanout',
    group: GROUPS.fanout,
    topics: [TOPICS.events, TOPICS.replies],
    startTimeoutMs: options.startTimeoutMs,
    // Gateways read the log themselves meanwhile.
    isReplaceable: true,
    stallExitMs: options.stallExitMs,
    work: (assignment) =>
      heartbeats.watched(
        assignment,
        assignment.topic === TOPICS.replies
          ? workOn(assignment, decodeReply, (replies) => publishReplies(bus, replies), metrics.replies)
          : workOn(assignment, decodeEvent, (events) => publishEvents(bus, events, parts.steps), metrics.events),
      ),
  });
  return {
    name: service.name,
    start() {
      heartbeats.start();
      return service.start();
    },
    drain: (graceMs) => service.drain(graceMs),
    stop() {
      heartbeats.stop();
      return service.stop();
    },
    readiness: () => service.readiness(),
  };
}
