import type { Bus, Subscription } from '@garam/bus/bus';
import type { Intake } from '@garam/intake/intake';

/**
 * Hands what is published to this instance to whoever waits. Nothing is made up for after a lost connection: commands
 * whose answers were lost end as `unknown_outcome`, and their callers repeat them.
 */
export function subscribeAnswers(bus: Bus, intake: Intake): Promise<Subscription> {
  return bus.subscribe(intake.origin, {
    entries(entries) {
      for (const entry of entries) if (entry.kind === 'event' || entry.kind === 'reply') intake.settle(entry);
    },
    resubscribed() {},
  });
}
