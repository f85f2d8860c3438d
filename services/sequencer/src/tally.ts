import type { Decision } from '@garam/domain/decide';
import type { LogRecord } from '@garam/eventlog/event-log';
import type { Clock } from '@garam/runtime/clock';
import type { SequencerMetrics } from './metrics.ts';

/** Counts per command in plain numbers; the instruments are told once per batch. */
export interface Tally {
  decided(decision: Decision, record: LogRecord): void;
  skipped(): void;
  parked(): void;
  report(): void;
}

type Outcome = 'accepted' | 'duplicate' | 'unchanged' | 'refused' | 'skipped';

export function createTally(metrics: SequencerMetrics, clock: Clock): Tally {
  let counts = none();
  let events = 0;
  let parked = 0;
  let newest = 0;
  return {
    decided(decision, record) {
      counts[decision.reply?.outcome ?? 'accepted']++;
      events += decision.events.length;
      newest = Math.max(newest, record.timestamp);
    },
    skipped: () => void counts.skipped++,
    parked: () => void parked++,
    report() {
      for (const outcome of Object.keys(counts) as Outcome[]) {
        if (counts[outcome] > 0) metrics.decided.add(counts[outcome], { outcome });
      }
      if (events > 0) metrics.events.add(events);
      if (parked > 0) metrics.parked.add(parked);
      if (newest > 0) metrics.lag.record(Math.max(0, clock.now() - newest));
      counts = none();
      events = parked = newest = 0;
    },
  };
}

function none(): Record<Outcome, number> {
  return { accepted: 0, duplicate: 0, unchanged: 0, refused: 0, skipped: 0 };
}
