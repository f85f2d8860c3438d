import type { Histogram, Meter } from '@opentelemetry/api';

/** Counts of one intake, added up where the path is hot and read when scraped. */
export interface IntakeCounts {
  accepted: number;
  duplicate: number;
  unchanged: number;
  refused: number;
  unavailable: number;
  overloaded: number;
  unknown: number;
}

export interface IntakeMetrics {
  counts: IntakeCounts;
  /** From the append to the answer, ms. */
  answerDelay: Histogram;
}

/** @param edge whose intake it is, `gateway` or `api`: both may be in one process */
export function createIntakeMetrics(
  meter: Meter,
  edge: string,
  load: () => { waiting: number; limit: number },
): IntakeMetrics {
  const counts: IntakeCounts = {
    accepted: 0,
    duplicate: 0,
    unchanged: 0,
    refused: 0,
    unavailable: 0,
    overloaded: 0,
    unknown: 0,
  };
  meter
    .createObservableCounter('garam_intake_commands_total', { description: 'Durable commands by outcome.' })
    .addCallback((result) => {
      for (const [outcome, count] of Object.entries(counts)) result.observe(count, { edge, outcome });
    });
  meter
    .createObservableGauge('garam_intake_waiting_commands', { description: 'Commands in the log, not answered yet.' })
    .addCallback((result) => result.observe(load().waiting, { edge }));
  meter
    .createObservableGauge('garam_intake_limit_commands', { description: 'Commands that may wait at present.' })
    .addCallback((result) => result.observe(load().limit, { edge }));
  const answerDelay = meter.createHistogram('garam_intake_answer_delay_ms', {
    description: 'From append to answer.',
    unit: 'ms',
    advice: { explicitBucketBoundaries: [1, 2, 5, 10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 5_000] },
  });
  return { counts, answerDelay };
}
