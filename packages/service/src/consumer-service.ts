import type { Assignment, Consumer, EventLog, PartitionHandler } from '@garam/eventlog/event-log';
import type { Clock } from '@garam/runtime/clock';
import { withDeadline } from '@garam/runtime/deadline';
import type { Logger } from '@garam/telemetry/logger';
import type { Readiness, Service } from './service.ts';
import { createStallWatch, type StallWatch } from './stall-watch.ts';

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
  /** See ConsumeOptions: for services that are in no hurry. */
  patienceMs?: number;
  /** Time until the group must have given out the partitions, ms. */
  startTimeoutMs: number;
  /** A partition that finishes nothing for so long, unexplained, ends the process (see stall-watch.ts). Default: never. */
  stallExitMs?: number | undefined;
  /** While partitions are held others make up for this service: it is degraded then, not unready. */
  isReplaceable?: boolean;
  /** Called for every assignment; all memory belongs to what it returns. */
  work(assignment: Assignment): PartitionWork;
}

/** The log's last complaint counts against readiness this long: a consumer that cannot reach it complains more often. */
const LOG_TROUBLE_MS = 10_000;

/**
 * The life of a service that consumes topics of the log as a member of a group. A consumer that is dead or stalls is
 * thrown where nobody catches it: the process ends, and another takes its partitions.
 */
export function createConsumerService(deps: ConsumerServiceDeps, options: ConsumerServiceOptions): Service {
  const works = new Map<Assignment, PartitionWork>();
  let consumer: Consumer | undefined;
  let phase: 'new' | 'starting' | 'running' | 'draining' | 'stopped' = 'new';
  let stopping: Promise<void> | undefined;
  let watch: StallWatch | undefined;
  let logTrouble: { at: number; text: string } | undefined;

  const endProcess = (error: unknown): void => {
    deps.clock.endOfTurn(() => {
      throw error;
    });
  };
  const assigned = (assignment: Assignment): PartitionHandler => {
    const work = options.work(assignment);
    works.set(assignment, work);
    assignment.signal.addEventListener('abort', () => works.delete(assignment), { once: true });
    if (phase === 'draining') work.drain().catch(() => undefined);
    return watch?.watched(assignment, work) ?? work;
  };
  const stop = (): Promise<void> => {
    phase = 'stopped';
    watch?.stop();
    stopping ??= consumer?.stop() ?? Promise.resolve();
    return stopping;
  };
  return {
    name: options.name,
    async start() {
      phase = 'starting';
      if (options.stallExitMs !== undefined)
        watch = createStallWatch({ ...deps, onStall: endProcess }, options.stallExitMs);
      consumer = deps.log.consume({
        group: options.group,
        topics: options.topics,
        ...(options.patienceMs === undefined ? {} : { patienceMs: options.patienceMs }),
        assigned,
        onError(error) {
          logTrouble = { at: deps.clock.monotonic(), text: error instanceof Error ? error.message : String(error) };
          deps.logger.warn({ err: error }, 'the log consumer had trouble');
        },
        onFatal: endProcess,
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
      watch?.stop();
      const drained = Promise.allSettled([...works.values()].map((work) => work.drain()));
      await withDeadline(drained, graceMs, deps.clock, () => new Error('drain: grace is over')).catch(
        (error: unknown) => deps.logger.warn({ err: error }, 'not everything was finished: the next owner repeats it'),
      );
      await stop();
    },
    stop,
    readiness() {
      if (phase !== 'running') return { ready: false, reason: phase };
      if (logTrouble !== undefined && deps.clock.monotonic() - logTrouble.at < LOG_TROUBLE_MS)
        return { ready: false, reason: `the log: ${logTrouble.text}` };
      return readinessOf(works, options.isReplaceable ?? false);
    },
  };
}

function readinessOf(works: ReadonlyMap<Assignment, PartitionWork>, isReplaceable: boolean): Readiness {
  for (const [assignment, work] of works) {
    const trouble = work.trouble();
    if (trouble === undefined) continue;
    const reason = `${assignment.topic}/${assignment.partition}: ${trouble}`;
    return isReplaceable ? { ready: true, degraded: reason } : { ready: false, reason };
  }
  return { ready: true };
}
