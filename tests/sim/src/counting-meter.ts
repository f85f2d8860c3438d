import { noopMeter } from '@garam/telemetry/meter';
import type { Attributes, Counter, Meter } from '@opentelemetry/api';
import type { Stats } from './stats.ts';

/** The services' own instruments that tell whether a run met what it was made for. */
const WATCHED: Record<string, (stats: Stats, value: number, attributes: Attributes | undefined) => void> = {
  garam_sequencer_decisions_total(stats, value, attributes) {
    if (attributes?.['outcome'] === 'skipped') stats.replaysSkipped += value;
  },
  garam_gateway_gap_repairs(stats, value) {
    stats.gateRepairs += value;
  },
  garam_gateway_anti_entropy_finds(stats, value) {
    stats.healed += value;
  },
};

/** A meter that counts a few instruments and drops the rest. */
export function createCountingMeter(stats: Stats): Meter {
  const meter: Meter = Object.create(noopMeter) as Meter;
  meter.createCounter = (name): Counter => {
    const watched = WATCHED[name];
    return { add: (value, attributes) => watched?.(stats, value, attributes) };
  };
  return meter;
}
