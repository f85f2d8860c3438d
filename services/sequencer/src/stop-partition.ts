import type { Logger } from '@garam/telemetry/logger';
import type { SequencerMetrics } from './metrics.ts';

/** A partition that must not go on: neither deciding nor skipping would be right. */
export interface Stop {
  because(reason: string, error: unknown): void;
  /** undefined: not stopped. */
  readonly reason: string | undefined;
}

export interface StopDeps {
  /** The assignment's: the alarm ends with it, another one finds out anew. */
  signal: AbortSignal;
  logger: Logger;
  metrics: SequencerMetrics;
  onStop(): void;
}

/** Raises the alarm once: an error in the log, the gauge of stopped partitions, and through `trouble` the readiness. */
export function createStop({ signal, logger, metrics, onStop }: StopDeps): Stop {
  let reason: string | undefined;
  return {
    get reason() {
      return reason;
    },
    because(why, error) {
      if (reason !== undefined || signal.aborted) return;
      reason = why;
      logger.error({ err: error, alarm: 'partition_stopped' }, `partition stopped: ${why}`);
      metrics.stopped.add(1);
      signal.addEventListener('abort', () => metrics.stopped.add(-1), { once: true });
      onStop();
    },
  };
}
