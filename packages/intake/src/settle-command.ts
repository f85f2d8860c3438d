import type { Clock } from '@garam/runtime/clock';
import type { Admission } from './admission.ts';
import { outcomeOfEvent, outcomeOfReply } from './answer-of.ts';
import type { Intake } from './intake.ts';
import type { IntakeMetrics } from './metrics.ts';
import type { PendingCommands } from './pending-commands.ts';

export interface SettleDeps {
  clock: Clock;
  pending: PendingCommands;
  admission: Admission;
  metrics: IntakeMetrics;
}

/** Gives the answer of the log to the command that waits for it; others' and repeated answers find nobody. */
export function createSettle(deps: SettleDeps, options: { origin: string }): Intake['settle'] {
  const { clock, pending, admission, metrics } = deps;
  return (entry) => {
    const cause = 'event' in entry ? entry.event.cause : entry.reply.cause;
    if (cause === undefined || cause.origin !== options.origin) return;
    const command = pending.take(cause.command);
    if (command === undefined) return;
    const delayMs = clock.monotonic() - command.startedAt;
    admission.answered(delayMs);
    metrics.answerDelay.record(delayMs);
    metrics.counts['event' in entry ? 'accepted' : entry.reply.outcome] += 1;
    command.done('event' in entry ? outcomeOfEvent(entry.event, command) : outcomeOfReply(entry.reply, command));
  };
}
