import { wireError, type WireError } from '@garam/protocol/errors';
import type { CommandRecord } from '@garam/contracts/command-record';
import { toCommandRecord } from '@garam/contracts/log-records';
import { partitionOf } from '@garam/contracts/partition-of';
import { TOPICS } from '@garam/contracts/topics';
import { LogError, type EventLog, type NewRecord } from '@garam/eventlog/event-log';
import { BreakerOpen, createBreaker, type Breaker } from '@garam/runtime/circuit-breaker';
import type { Clock } from '@garam/runtime/clock';
import { isService } from '@garam/views/decide-access';
import { buildBody, type Facts } from './build-body.ts';
import { digestCommand } from './digest-command.ts';
import type { LogClock } from './log-clock.ts';
import type { IntakeCounts } from './metrics.ts';
import type { PendingCommands } from './pending-commands.ts';
import type { Outcome, SubmitRequest } from './submit-request.ts';

/** A command whose checks are done. */
export interface CheckedCommand {
  request: SubmitRequest;
  chat: string;
  facts: Facts;
  /** Set when it is appended only to learn whether an earlier attempt was accepted. */
  refusal: WireError | undefined;
  done(outcome: Outcome): void;
}

export interface AppendDeps {
  log: EventLog;
  clock: Clock;
  pending: PendingCommands;
  logClock: LogClock;
  counts: IntakeCounts;
  /** Jittered delay to ask clients to wait. */
  retryAfterMs(): number;
}

/** A log that is back must not wait long to be found so. */
const PROBE_AFTER_MAX_MS = 1_000;

/**
 * Hands commands to the log, in the order of the calls. Where appends to a partition have just failed several times in
 * a row, later ones are refused at once, but for one at a time that finds out whether it is there again.
 */
export function createCommandAppender(
  deps: AppendDeps,
  options: { origin: string },
): { append(checked: CheckedCommand): void } {
  const { log, clock, pending, logClock, counts } = deps;
  const breakers = new Map<number, Breaker>();

  function append(checked: CheckedCommand): void {
    const { request, chat, refusal, done } = checked;
    const { clientId } = request.fields;
    const number = pending.add({ chat, clientId, refusal, startedAt: clock.monotonic(), done });
    const command = commandOf(checked, number);
    const record: NewRecord = toCommandRecord(command, partitionOf(chat, log.partitions), request.traceparent);
    if (request.stillWanted !== undefined) record.stillWanted = request.stillWanted;
    const calledAt = clock.now();
    // The task is begun before `run` returns: what is called first is appended first.
    const appending = breakerOf(record.partition).run(() => log.append(TOPICS.commands, record));
    appending.then(
      ({ timestamp }) => logClock.acknowledged(calledAt, timestamp),
      (error: unknown) => failed(number, error),
    );
  }

  function breakerOf(partition: number): Breaker {
    let breaker = breakers.get(partition);
    if (breaker === undefined) {
      breaker = createBreaker({ clock, isFailure: isOutOfReach, probeAfterMaxMs: PROBE_AFTER_MAX_MS });
      breakers.set(partition, breaker);
    }
    return breaker;
  }

  function commandOf({ request, chat, facts, refusal }: CheckedCommand, number: number): CommandRecord {
    const { actor, attempt } = request;
    const command: CommandRecord = {
      chat,
      actor: actor.id,
      clientId: request.fields.clientId,
      attempt,
      sentAt: logClock.toLogTime(request.readAt),
      digest: digestCommand(request),
      cause: { origin: options.origin, command: number },
      body: buildBody(request, facts),
    };
    if (refusal !== undefined) command.refuse = refusal.name;
    if (isService(actor.id)) command.privileged = true;
    return command;
  }

  function failed(number: number, error: unknown): void {
    const command = pending.take(number);
    if (command === undefined) return;
    const isUnknown = !(error instanceof BreakerOpen) && !(error instanceof LogError && error.reason !== 'unknown');
    counts[isUnknown ? 'unknown' : 'unavailable'] += 1;
    const wire = isUnknown
      ? wireError('unknown_outcome')
      : wireError('unavailable', { retryAfterMs: deps.retryAfterMs() });
    command.done({ error: wire });
  }

  return { append };
}

/** Not so: no longer wanted, or closed. */
function isOutOfReach(error: unknown): boolean {
  return !(error instanceof LogError) || error.reason === 'unavailable' || error.reason === 'unknown';
}
