import type { Assignment, Consumer, EventLog, PartitionHandler } from '@garam/eventlog/event-log';
import type { Clock } from '@garam/runtime/clock';
import { withDeadline } from '@garam/runtime/deadline';
import type { Logger } from '@garam/telemetry/logger';
import type { Readiness, Service } from './service.ts';

/** What a service does with one partition while it has it. */
export interface PartitionWork extends PartitionHandler {
  /** Takes nothing more, finishes and commits what it has taken. May reject: the next owner repeats the rest. */
  drain(): Promise<void>;
  /** Why this partition makes no progress at present; undefined when it does. */
  trouble(): string | undefined;
}

export interface ConsumerServiceDeps {
  log: EventLog;
  clock: Clock;
  logger: Logger;
}

export interface ConsumerServiceOptions {
  name: string;
  group: string;
  topics: readonly string[];
  /** Time until the group must have given out the partitions, ms. */
  startTimeoutMs: number;
  /** Called for every assignment; all memory belongs to what it returns. */
  work(assignment: Assignment): PartitionWork;
}

/** The life of a service that consumes topics of the log as a member of a group. */
export function createConsumerService(deps: ConsumerServiceDeps, options: ConsumerServiceOptions): Service {
  const works = new Map<Assignment, PartitionWork>();
  let consumer: Consumer | undefined;
  let phase: 'new' | 'starting' | 'running' | 'draining' | 'stopped' = 'new';
  let stopping: Promise<void> | undefined;

  const assigned = (assignment: Assignment): PartitionHandler => {
    const work = options.work(assignment);
    works.set(assignment, work);
    assignment.signal.addEventListener('abort', () => works.delete(assignment), { once: true });
    if (phase === 'draining') work.drain().catch(() => undefined);
    return work;
  };
  const stop = (): Promise<void> => {
    phase = 'stopped';
    stopping ??= consumer?.stop() ?? Promise.resolve();
    return stopping;
  };
  return {
    name: options.name,
    async start() {
      phase = 'starting';
      consumer = deps.log.consume({
        group: options.group,
        topics: options.topics,
        assigned,
        onError: (error) => deps.logger.warn({ err: error }, 'the log consumer had trouble'),
      });
      await withDeadline(
        consumer.ready(),
        options.startTimeoutMs,
        deps.clock,
        () => new Error(`${options.name}: no partitions within ${options.startTimeoutMs} ms`),
      );
      if (phase === 'starting') phase = 'running';
    },
    async drain(graceMs) {
      if (phase === 'stopped') return;
      phase = 'draining';
      const drained = Promise.allSettled([...works.values()].map((work) => work.drain()));
      await withDeadline(drained, graceMs, deps.clock, () => new Error('drain: grace is over')).catch(
        (error: unknown) => deps.logger.warn({ err: error }, 'not everything was finished: the next owner repeats it'),
      );
      await stop();
    },
    stop,
    readiness: () => readinessOf(phase, works),
  };
}

function readinessOf(phase: string, works: ReadonlyMap<Assignment, PartitionWork>): Readiness {
  if (phase !== 'running') return { ready: false, reason: phase };
  for (const [assignment, work] of works) {
    const trouble = work.trouble();
    if (trouble !== undefined) {
      return { ready: false, reason: `${assignment.topic}/${assignment.partition}: ${trouble}` };
    }
  }
  return { ready: true };
}
